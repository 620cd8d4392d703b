package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/** What Linux's C library has for mapping memory. To be used on Linux alone. */
final class LinuxMemory {

  /** What {@link #map} returns when it fails. */
  static final long FAILED = -1;

  static final int NO_ACCESS = 0;
  static final int READ_AND_WRITE = 3;

  static final int SHARED = 1;
  static final int PRIVATE = 2;
  static final int FIXED = 0x10;
  static final int ANONYMOUS = 0x20;
  static final int NOT_RESERVED = 0x4000;

  /** {@code MADV_HUGEPAGE}. */
  private static final int HUGE_PAGES = 14;

  /** {@code MFD_CLOEXEC}. */
  private static final int CLOSED_IN_CHILDREN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle GETPAGESIZE = function("getpagesize", JAVA_INT);
  private static final MethodHandle MEMFD_CREATE =
      function("memfd_create", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle MMAP =
      function("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MADVISE =
      function("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MUNMAP = function("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

  private LinuxMemory() {}

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }

  private interface Call<T> {
    T result() throws Throwable;
  }

  private static <T> T call(Call<T> call) {
    try {
      return call.result();
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  static int pageBytes() {
    return call(() -> (int) GETPAGESIZE.invokeExact());
  }

  /** Makes a file of zeros that has no name and is gone when nothing maps it; negative if not. */
  static int createFile(String label) {
    try (var arena = Arena.ofConfined()) {
      var text = arena.allocateFrom(label);
      return call(() -> (int) MEMFD_CREATE.invokeExact(text, CLOSED_IN_CHILDREN));
    }
  }

  /** Returns whether it could. */
  static boolean resize(int file, long bytes) {
    return call(() -> (int) FTRUNCATE.invokeExact(file, bytes)) == 0;
  }

  static void close(int file) {
    var _ = call(() -> (int) CLOSE.invokeExact(file));
  }

  /**
   * Maps the beginning of a file.
   *
   * @param place where; 0 for anywhere
   * @param file -1 for none
   * @return where, or {@link #FAILED}
   */
  static long map(long place, long bytes, int access, int flags, int file) {
    return call(() -> (long) MMAP.invokeExact(place, bytes, access, flags, file, 0L));
  }

  /** Asks for pages larger than usual, which the system may give or not. */
  static void adviseHugePages(long place, long bytes) {
    var _ = call(() -> (int) MADVISE.invokeExact(place, bytes, HUGE_PAGES));
  }

  static void unmap(long place, long bytes) {
    var _ = call(() -> (int) MUNMAP.invokeExact(place, bytes));
  }
}
