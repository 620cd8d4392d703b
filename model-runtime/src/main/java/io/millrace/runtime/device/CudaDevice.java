package io.millrace.runtime.device;

import io.millrace.runtime.Releases;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of an NVIDIA GPU.
 *
 * <p>Shared memory is pinned host memory mapped into the GPU's address space: for the few numbers
 * of a step that is quicker than copying them.
 */
public final class CudaDevice implements Device {

  private final CudaRuntime cuda = new CudaRuntime();
  private final int number;
  private final List<MemorySegment> onDevice = new ArrayList<>();
  private final List<MemorySegment> onHost = new ArrayList<>();
  private final LargestProgram largest;
  private final List<CudaRowProducts> rowProducts = new ArrayList<>();
  private MemorySegment staging = MemorySegment.NULL;

  private boolean isSettled = true;
  private boolean closed;

  /**
   * @param number as CUDA counts the visible GPUs
   * @throws CudaException if it is not there or cannot be used
   */
  public CudaDevice(int number) {
    this.number = number;
    use();
    largest = new LargestProgram(cuda);
  }

  /** The current device is the thread's, and others on it may have changed it since. */
  private void use() {
    cuda.useDevice(number);
  }

  @Override
  public String memoryName() {
    return "Cuda";
  }

  @Override
  public int number() {
    return number;
  }

  /**
   * Copies a gigabyte within the GPU's memory some times.
   *
   * @return the bytes a second that were read and written, together
   */
  public double measureBandwidth() {
    long bytes = 1L << 30;
    int copies = 20;
    var from = allocate(bytes);
    var to = allocate(bytes);
    copy(from, bytes, to, bytes, bytes, 1);
    settle();
    long start = System.nanoTime();
    for (int copied = 0; copied < copies; copied++) {
      copy(from, bytes, to, bytes, bytes, 1);
    }
    settle();
    return 2e9 * copies * bytes / (System.nanoTime() - start);
  }

  @Override
  public MemorySegment allocate(long bytes) {
    use();
    long free = cuda.freeBytes();
    if (bytes > free) {
      throw new CudaException(
          "GPU %d is out of memory: %,d MiB wanted, %,d MiB free"
              .formatted(number, bytes >> 20, free >> 20));
    }
    var memory = cuda.allocate(bytes);
    onDevice.add(memory);
    cuda.zero(memory);
    isSettled = false;
    return memory;
  }

  @Override
  public MemorySegment allocateShared(long bytes) {
    use();
    var memory = cuda.allocateHost(bytes);
    onHost.add(memory);
    return memory.fill((byte) 0);
  }

  @Override
  public void copy(
      MemorySegment from,
      long fromDistance,
      MemorySegment to,
      long toDistance,
      long bytes,
      int pieces) {
    if (bytes == 0) {
      return;
    }
    use();
    if (pieces == 1) {
      cuda.copyOnDevice(from, to, bytes);
    } else {
      cuda.copyOnDevice(from, fromDistance, to, toDistance, bytes, pieces);
    }
    isSettled = false;
  }

  @Override
  public void settle() {
    if (!isSettled) {
      use();
      cuda.synchronize();
      isSettled = true;
    }
  }

  @Override
  public MemorySegment read(MemorySegment content) {
    use();
    if (staging.byteSize() < content.byteSize()) {
      staging = allocateShared(content.byteSize());
    }
    cuda.copyToHost(content, staging, content.byteSize());
    cuda.synchronize();
    return staging.asSlice(0, content.byteSize());
  }

  @Override
  public void findLargest(
      MemorySegment matrix, FloatType type, int rows, int[] columns, int rowLength) {
    use();
    largest.find(this, matrix, type, rows, columns, rowLength);
  }

  @Override
  public RowProducts rowProducts(FloatType type, int mostRows) {
    use();
    var products = new CudaRowProducts(cuda, this, type, mostRows);
    rowProducts.add(products);
    return products;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    use();
    List<Runnable> releases = new ArrayList<>();
    releases.add(largest::close);
    rowProducts.forEach(products -> releases.add(products::close));
    onDevice.forEach(memory -> releases.add(() -> cuda.free(memory)));
    onHost.forEach(memory -> releases.add(() -> cuda.freeHost(memory)));
    Releases.all(releases);
  }
}
