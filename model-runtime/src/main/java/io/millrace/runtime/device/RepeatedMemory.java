package io.millrace.runtime.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;

/**
 * Zeroed memory whose first bytes can be seen again behind its end, as often as wanted: the same
 * pages of a file without a name, mapped several times one after the other. Like {@link LazyMemory}
 * it is taken from the system page by page as it is touched. Only Linux has it.
 */
final class RepeatedMemory {

  private RepeatedMemory() {}

  private static boolean isPossible() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
  }

  /** What sizes must be multiples of; 0 if this system has no such memory. */
  static long pageBytes() {
    return isPossible() ? LinuxMemory.pageBytes() : 0;
  }

  /**
   * Allocates {@code bytes}, behind which the first {@code repeated} of them follow {@code times}
   * times. Unmapped when the arena is closed.
   *
   * @param bytes a number of whole pages
   * @param repeated a number of whole pages, at most {@code bytes}
   * @return empty if this system does not allow it
   */
  static Optional<MemorySegment> allocate(long bytes, long repeated, int times, Arena arena) {
    if (!isPossible()) {
      return Optional.empty();
    }
    int file = LinuxMemory.createFile("millrace");
    if (file < 0) {
      return Optional.empty();
    }
    try {
      return LinuxMemory.resize(file, bytes)
          ? map(file, bytes, repeated, times, arena)
          : Optional.empty();
    } finally {
      // What is mapped stays.
      LinuxMemory.close(file);
    }
  }

  /** Takes a range of addresses first, so that all of it lies in one piece. */
  private static Optional<MemorySegment> map(
      int file, long bytes, long repeated, int times, Arena arena) {
    long total = bytes + times * repeated;
    long start =
        LinuxMemory.map(
            0,
            total,
            LinuxMemory.NO_ACCESS,
            LinuxMemory.PRIVATE | LinuxMemory.ANONYMOUS | LinuxMemory.NOT_RESERVED,
            -1);
    if (start == LinuxMemory.FAILED) {
      return Optional.empty();
    }
    boolean isMapped = mapFile(file, start, bytes);
    for (int time = 0; isMapped && time < times; time++) {
      isMapped = mapFile(file, start + bytes + time * repeated, repeated);
    }
    if (!isMapped) {
      LinuxMemory.unmap(start, total);
      return Optional.empty();
    }
    return Optional.of(
        MemorySegment.ofAddress(start)
            .reinterpret(total, arena, _ -> LinuxMemory.unmap(start, total)));
  }

  private static boolean mapFile(int file, long place, long bytes) {
    return LinuxMemory.map(
            place, bytes, LinuxMemory.READ_AND_WRITE, LinuxMemory.SHARED | LinuxMemory.FIXED, file)
        == place;
  }
}
