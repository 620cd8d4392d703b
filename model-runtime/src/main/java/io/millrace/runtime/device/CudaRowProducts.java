package io.millrace.runtime.device;

import io.millrace.runtime.Releases;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * {@link RowProduct}s on a GPU: few rows by kernels of our own, many by cuBLAS and kernels for what
 * stands around.
 */
final class CudaRowProducts implements RowProducts, AutoCloseable {

  private final CudaRuntime cuda;
  private final Device device;
  private final FloatType type;
  private final int mostRows;
  private final RowProgram program;
  private final Cublas cublas;

  /** Between the steps of a product; one that was replaced goes on being used by recorded steps. */
  private MemorySegment normalized = MemorySegment.NULL;

  private MemorySegment both = MemorySegment.NULL;

  /**
   * Compiles the kernels.
   *
   * @param device of the calling thread
   * @param type of 16 bits
   * @param mostRows of one product
   */
  CudaRowProducts(CudaRuntime cuda, Device device, FloatType type, int mostRows) {
    this.cuda = cuda;
    this.device = device;
    this.type = type;
    this.mostRows = mostRows;
    program = new RowProgram(cuda, type);
    try {
      cublas = new Cublas(device);
    } catch (RuntimeException | Error failure) {
      program.close();
      throw failure;
    }
  }

  @Override
  public void multiply(RowProduct product, MemorySegment stream) {
    if (mostRows > RowProgram.MOST_ROWS) {
      reserve(product);
    }
    if (product.rows() <= RowProgram.MOST_ROWS) {
      program.multiply(product, stream);
    } else {
      multiplyMany(product, stream);
    }
  }

  /**
   * Takes memory for the most rows, whatever the number of this product's: nothing can be allocated
   * while a step is recorded, which runs once before.
   */
  private void reserve(RowProduct product) {
    long rows = mostRows;
    switch (product.kind()) {
      case ADDED -> {}
      case NORMALIZED -> normalized = atLeast(normalized, rows * product.inputs());
      case GATED -> {
        normalized = atLeast(normalized, rows * product.inputs());
        both = atLeast(both, rows * 2 * product.outputs());
      }
    }
  }

  private MemorySegment atLeast(MemorySegment memory, long numbers) {
    long bytes = numbers * type.bytes();
    if (memory.byteSize() >= bytes) {
      return memory;
    }
    var larger = device.allocate(bytes);
    device.settle();
    return larger;
  }

  private void multiplyMany(RowProduct product, MemorySegment stream) {
    switch (product.kind()) {
      case NORMALIZED -> {
        program.normalize(product, normalized, stream);
        multiply(product, normalized, product.output(), false, stream);
      }
      case GATED -> {
        program.normalize(product, normalized, stream);
        multiply(product, normalized, both, false, stream);
        program.gate(both, product, stream);
      }
      case ADDED -> {
        long bytes = (long) product.rows() * product.outputs() * type.bytes();
        cuda.copyOnDevice(product.operand(), product.output(), bytes, stream);
        multiply(product, product.input(), product.output(), true, stream);
      }
    }
  }

  private void multiply(
      RowProduct product,
      MemorySegment input,
      MemorySegment output,
      boolean isAdded,
      MemorySegment stream) {
    cublas.multiply(
        input,
        product.weights(),
        output,
        product.rows(),
        product.inputs(),
        product.outputs() * product.matrices(),
        isAdded,
        type,
        stream);
  }

  @Override
  public void close() {
    Releases.all(List.of(cublas::close, program::close));
  }
}
