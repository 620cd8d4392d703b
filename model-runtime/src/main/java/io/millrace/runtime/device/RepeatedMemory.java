package io.millrace.runtime.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Zeroed memory whose first bytes can be seen again behind its end, as often as wanted: the same
 * pages of a file without a name, mapped several times. Like {@link LazyMemory} it is taken from
 * the system page by page as it is touched, and in {@link HugePages} where there are such; a file's
 * pages seldom are, so all but the first bytes are memory of no file. Only Linux has it.
 */
final class RepeatedMemory {

  private static final int ANONYMOUS = LinuxMemory.PRIVATE | LinuxMemory.ANONYMOUS;

  private RepeatedMemory() {}

  /** What sizes must be multiples of; 0 if this system has no such memory. */
  static long pageBytes() {
    return OperatingSystem.isLinux() ? LinuxMemory.pageBytes() : 0;
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
    if (!OperatingSystem.isLinux()) {
      return Optional.empty();
    }
    int file = LinuxMemory.createFile("millrace");
    if (file < 0) {
      return Optional.empty();
    }
    try {
      return LinuxMemory.resize(file, repeated)
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
    long used = bytes + times * repeated;
    long total = used + HugePages.BYTES;
    long reserved =
        LinuxMemory.map(0, total, LinuxMemory.NO_ACCESS, ANONYMOUS | LinuxMemory.NOT_RESERVED, -1);
    if (reserved == LinuxMemory.FAILED) {
      return Optional.empty();
    }
    long start = HugePages.next(reserved + repeated) - repeated;
    boolean isMapped =
        mapFile(file, start, repeated) && mapMemory(start + repeated, bytes - repeated);
    for (int time = 0; isMapped && time < times; time++) {
      isMapped = mapFile(file, start + bytes + time * repeated, repeated);
    }
    if (!isMapped) {
      LinuxMemory.unmap(reserved, total);
      return Optional.empty();
    }
    return Optional.of(
        MemorySegment.ofAddress(start)
            .reinterpret(used, arena, _ -> LinuxMemory.unmap(reserved, total)));
  }

  private static boolean mapFile(int file, long place, long bytes) {
    int flags = LinuxMemory.SHARED | LinuxMemory.FIXED;
    return LinuxMemory.map(place, bytes, LinuxMemory.READ_AND_WRITE, flags, file) == place;
  }

  private static boolean mapMemory(long place, long bytes) {
    if (bytes == 0) {
      return true;
    }
    int flags = ANONYMOUS | LinuxMemory.FIXED;
    boolean isMapped =
        LinuxMemory.map(place, bytes, LinuxMemory.READ_AND_WRITE, flags, -1) == place;
    HugePages.ask(place, bytes);
    return isMapped;
  }
}
