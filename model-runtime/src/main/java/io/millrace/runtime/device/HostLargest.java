package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.millrace.runtime.FloatBits;
import java.lang.foreign.MemorySegment;

/**
 * Finds the largest of 32-bit floats in the host's memory, a block that fits the first-level cache
 * at a time, so that a row is read once and not copied. Belongs to one thread.
 */
final class HostLargest {

  private static final int BLOCK = 1024;

  private final int[] block = new int[BLOCK];

  /** As {@link Device#findLargest}, of one row that begins at an element of the matrix. */
  int find(MemorySegment matrix, long first, int length) {
    int largest = Integer.MIN_VALUE;
    int largestMagnitude = 0;
    int blockOfLargest = 0;
    for (int start = 0; start < length; start += BLOCK) {
      int count = read(matrix, first, start, length);
      largestMagnitude = Math.max(largestMagnitude, FloatBits.largestMagnitude(block, 0, count));
      int key = FloatBits.largestKey(block, 0, count);
      if (key > largest) {
        largest = key;
        blockOfLargest = start;
      }
    }
    // The two zeros are equal but have different keys: too rare to be looked into here.
    if (largest == 0 || !FloatBits.isFinite(largest, largestMagnitude)) {
      return -1;
    }
    read(matrix, first, blockOfLargest, length);
    return blockOfLargest + FloatBits.firstWith(FloatBits.key(largest), block, 0);
  }

  private int read(MemorySegment matrix, long first, int start, int length) {
    int count = Math.min(BLOCK, length - start);
    MemorySegment.copy(matrix, JAVA_INT, (first + start) * Integer.BYTES, block, 0, count);
    return count;
  }
}
