package io.millrace.runtime.device;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The memory that an execution provider computes in.
 *
 * <p>What is allocated here is freed with the device. Segments of {@link #allocate} may only be
 * passed on as addresses; those of {@link #allocateShared} may be read and written, between steps.
 * Belongs to one thread at a time.
 */
public interface Device extends AutoCloseable {

  /** What ONNX Runtime calls the kind of memory. */
  String memoryName();

  /** The number of the device among those of its kind. */
  int number();

  /** Zeroed memory of the device, which may be taken from the system only as it is touched. */
  MemorySegment allocate(long bytes);

  /** What the sizes of {@link #allocateRepeated} must be multiples of; 0 if there is no such. */
  default long repeatedPageBytes() {
    return 0;
  }

  /**
   * As {@link #allocate}, with the same memory as that of the first {@code repeated} bytes to be
   * seen {@code times} times more behind the end: what is written in one place is read in all.
   *
   * @return {@code bytes + times * repeated} bytes; empty if the system does not allow it
   */
  default Optional<MemorySegment> allocateRepeated(long bytes, long repeated, int times) {
    return Optional.empty();
  }

  /** Zeroed memory that the device reads and writes as its own, and the host too. */
  MemorySegment allocateShared(long bytes);

  /**
   * Copies pieces of the same size, which lie at equal distances, within the device's memory.
   *
   * @param from the first piece to copy
   * @param fromDistance bytes from the beginning of one piece to that of the next
   * @param to where the first piece goes
   * @param toDistance bytes from the beginning of one place to that of the next
   * @param bytes of each piece
   */
  void copy(
      MemorySegment from,
      long fromDistance,
      MemorySegment to,
      long toDistance,
      long bytes,
      int pieces);

  /** Waits until all copies are done; to be called before a provider reads what was copied. */
  void settle();

  /**
   * What is in the device's memory, for the host to read: the memory itself or a copy, which is
   * valid until the next call.
   */
  MemorySegment read(MemorySegment content);

  /**
   * Finds in each row of a matrix in the device's memory the first of the largest numbers, if the
   * device is quicker at it than the host.
   *
   * @param matrix {@code [rows, columns]}
   * @param columns receives for each row the number of the column; -1 where the host has to look
   *     itself, as it has where a number is not finite
   */
  void findLargest(MemorySegment matrix, FloatType type, int rows, int[] columns, int rowLength);

  /**
   * What computes products of few rows on this device.
   *
   * @param type of all numbers
   * @param mostRows of one product
   * @throws IllegalArgumentException if there is nothing for the type here
   */
  RowProducts rowProducts(FloatType type, int mostRows);

  @Override
  void close();
}
