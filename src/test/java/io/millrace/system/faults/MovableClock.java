package io.millrace.system.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The wall clock of one process, which libfaketime moves while it runs. Its monotonic clock goes on
 * as it is, as that of a machine does whose time is set.
 */
final class MovableClock {

  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

  /** How late the process notices. */
  static final Duration NOTICED_WITHIN = Duration.ofSeconds(1);

  private final Path library;
  private final Path file;

  private MovableClock(Path library, Path file) {
    this.library = library;
    this.file = file;
  }

  /**
   * Makes one. Empty where libfaketime is not installed.
   *
   * @param file where it keeps by how much the clock is off
   */
  static Optional<MovableClock> at(Path file) throws IOException {
    try (var directories = Files.list(LIBRARIES)) {
      var clock =
          directories
              .map(directory -> directory.resolve(LIBRARY))
              .filter(Files::exists)
              .findFirst()
              .map(library -> new MovableClock(library, file));
      clock.ifPresent(made -> made.setOff(Duration.ZERO));
      return clock;
    }
  }

  /** Variables of the process whose clock it is. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FAKETIME_TIMESTAMP_FILE", file.toString(),
        "FAKETIME_CACHE_DURATION", Long.toString(NOTICED_WITHIN.toSeconds()),
        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
        // Else each timed wait of the JVM returns at once.
        "FAKETIME_FORCE_MONOTONIC_FIX", "0");
  }

  /** Removes what a process that was killed has left in shared memory. */
  static void cleanUpAfter(long pid) {
    try {
      Files.deleteIfExists(SHARED_MEMORY.resolve("faketime_shm_" + pid));
      Files.deleteIfExists(SHARED_MEMORY.resolve("sem.faketime_sem_" + pid));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets by how much it is ahead of the true time; negative if behind. */
  void setOff(Duration ahead) {
    try {
      var next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, "%+d%n".formatted(ahead.toSeconds()));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
