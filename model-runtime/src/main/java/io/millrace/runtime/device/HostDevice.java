package io.millrace.runtime.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The host's own memory. */
public final class HostDevice implements Device {

  private final Arena arena = Arena.ofShared();
  private final HostLargest largest = new HostLargest();

  @Override
  public String memoryName() {
    return "Cpu";
  }

  @Override
  public int number() {
    return 0;
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return LazyMemory.allocate(bytes, arena);
  }

  @Override
  public long repeatedPageBytes() {
    return RepeatedMemory.pageBytes();
  }

  @Override
  public Optional<MemorySegment> allocateRepeated(long bytes, long repeated, int times) {
    return RepeatedMemory.allocate(bytes, repeated, times, arena);
  }

  @Override
  public MemorySegment allocateShared(long bytes) {
    return LazyMemory.allocate(bytes, arena);
  }

  @Override
  public void copy(
      MemorySegment from,
      long fromDistance,
      MemorySegment to,
      long toDistance,
      long bytes,
      int pieces) {
    for (int piece = 0; piece < pieces; piece++) {
      MemorySegment.copy(from, piece * fromDistance, to, piece * toDistance, bytes);
    }
  }

  @Override
  public void settle() {
    // Copies are done when they return.
  }

  @Override
  public MemorySegment read(MemorySegment content) {
    return content;
  }

  @Override
  public void findLargest(
      MemorySegment matrix, FloatType type, int rows, int[] columns, int rowLength) {
    for (int row = 0; row < rows; row++) {
      columns[row] =
          type == FloatType.FLOAT32 ? largest.find(matrix, (long) row * rowLength, rowLength) : -1;
    }
  }

  @Override
  public RowProducts rowProducts(FloatType type, int mostRows) {
    if (type != FloatType.FLOAT16) {
      throw new IllegalArgumentException("no products of " + type + " on the host");
    }
    return new HostRowProducts();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
