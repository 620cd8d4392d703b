package io.millrace.system.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A file system in memory, so small that it can be filled. Only root can make one. */
final class SmallDisk implements AutoCloseable {

  private static final String SIZE = "64m";
  private static final byte[] BALLAST = new byte[1 << 16];

  private final Path directory;
  private final Path ballast;

  private SmallDisk(Path directory) {
    this.directory = directory;
    ballast = directory.resolve("ballast");
  }

  /** Mounts one. Empty if this user may not. */
  static Optional<SmallDisk> mount(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    boolean done =
        run(List.of("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none", directory.toString()));
    return done ? Optional.of(new SmallDisk(directory)) : Optional.empty();
  }

  /** Leaves no byte free. */
  void fill() throws IOException {
    try (var out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(BALLAST);
      }
    } catch (IOException full) {
      if (directory.toFile().getUsableSpace() > 0) {
        throw full;
      }
    }
  }

  void free() throws IOException {
    Files.deleteIfExists(ballast);
  }

  @Override
  public void close() {
    try {
      // Whoever still has a file open there does not keep it from being unmounted.
      if (!run(List.of("umount", "-l", directory.toString()))) {
        throw new IllegalStateException("still mounted: " + directory);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean run(List<String> command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }
}
