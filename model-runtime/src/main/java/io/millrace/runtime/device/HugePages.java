package io.millrace.runtime.device;

/**
 * Pages of 2 MiB in place of 4 KiB. A processor keeps the places of some 2,000 pages; the keys and
 * values of a batch lie on more small ones than that, and in a virtual machine to look one up takes
 * longer than to read what is on it. Linux gives such pages to those who ask, if {@code
 * /sys/kernel/mm/transparent_hugepage/enabled} is not {@code never}.
 */
final class HugePages {

  /** Of one, on x86-64 and mostly on AArch64. */
  static final long BYTES = 2 << 20;

  private HugePages() {}

  /** The first address from this one on at which such a page may begin. */
  static long next(long address) {
    return (address + BYTES - 1) / BYTES * BYTES;
  }

  /**
   * Asks for such pages wherever one fits into the memory, which must not have been touched.
   *
   * @param place where a page of any size begins
   */
  static void ask(long place, long bytes) {
    if (OperatingSystem.isLinux()) {
      LinuxMemory.adviseHugePages(place, bytes);
    }
  }
}
