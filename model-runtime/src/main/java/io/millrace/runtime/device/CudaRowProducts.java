package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * {@link RowProduct}s on a GPU: chooses among the kernels of {@code rows.cu} and starts them.
 *
 * <p>A row's result has the same bits whatever the number of rows: which way the inputs are cut and
 * added depends on the matrix alone.
 */
final class CudaRowProducts implements RowProducts, AutoCloseable {

  private static final int THREADS = 512;

  /** Rows of one tile of a tensor core's product. */
  private static final int TILE_ROWS = 8;

  /** Outputs of one warp's product; half as many pairs of gate and other. */
  private static final int WARP_OUTPUTS = 16;

  /** Blocks of 4 warps' outputs from which on they are enough to keep a large GPU busy. */
  private static final int WIDE_BLOCKS = 128;

  /** Blocks that share the inputs of a narrow matrix, where each has 4 warps' outputs. */
  private static final int SHARES = 4;

  /** Numbers that each thread block leaves for the others, for one tile of rows, at most. */
  private static final long TILE_SUMS = 4 * WARP_OUTPUTS * TILE_ROWS + TILE_ROWS;

  /**
   * A kernel and the grid that it is started on.
   *
   * @param warps whose outputs lie side by side in a block
   * @param tiles of rows that a block computes
   * @param shares blocks that share the inputs
   */
  private record Kernel(int warps, int tiles, int shares) {

    int blockRows() {
      return tiles * TILE_ROWS;
    }

    int blockOutputs(RowProduct product) {
      return warps * WARP_OUTPUTS / product.matrices();
    }

    String name(RowProduct.Kind kind, FloatType type) {
      return "%s_%s_%d_%d"
          .formatted(kind.name().toLowerCase(Locale.ROOT), suffix(type), warps, tiles);
    }

    private static String suffix(FloatType type) {
      return type.name().toLowerCase(Locale.ROOT);
    }
  }

  private final CudaRuntime cuda;
  private final Device device;
  private final FloatType type;
  private final int mostRows;
  private final GpuProgram program;
  private final Map<String, MemorySegment> functions = new HashMap<>();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] pointers = new MemorySegment[7];
  private final MemorySegment[] sizes = new MemorySegment[3];
  private final MemorySegment epsilon = arena.allocate(JAVA_FLOAT);
  private final MemorySegment arguments;

  /** What thread blocks leave for each other, and how many have; recorded steps keep using it. */
  private MemorySegment sums = MemorySegment.NULL;

  private MemorySegment arrivals = MemorySegment.NULL;

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
    program =
        switch (type) {
          case FLOAT16 -> new GpuProgram(cuda, "rows-float16.ptx");
          case BFLOAT16 -> new GpuProgram(cuda, "rows-bfloat16.ptx");
          case FLOAT32 -> throw new IllegalArgumentException("no products of " + type);
        };
    arguments = arena.allocate(MemoryLayout.sequenceLayout(11, ADDRESS));
    int index = 0;
    for (int pointer = 0; pointer < pointers.length; pointer++) {
      pointers[pointer] = arena.allocate(ADDRESS);
      arguments.setAtIndex(ADDRESS, index++, pointers[pointer]);
    }
    for (int size = 0; size < sizes.length; size++) {
      sizes[size] = arena.allocate(JAVA_INT);
      arguments.setAtIndex(ADDRESS, index++, sizes[size]);
    }
    arguments.setAtIndex(ADDRESS, index, epsilon);
  }

  @Override
  public void multiply(RowProduct product, MemorySegment stream) {
    var kernel = kernel(product, product.rows());
    reserve(product);
    setPointers(
        product.input(),
        product.kind() == RowProduct.Kind.ADDED ? MemorySegment.NULL : product.operand(),
        product.weights(),
        product.kind() == RowProduct.Kind.ADDED ? product.operand() : MemorySegment.NULL,
        product.output(),
        sums,
        arrivals);
    setSizes(product.rows(), product.outputs(), product.inputs());
    epsilon.set(JAVA_FLOAT, 0, product.epsilon());
    var function = functions.computeIfAbsent(kernel.name(product.kind(), type), program::function);
    cuda.launch(
        function,
        Math.ceilDiv(product.rows(), kernel.blockRows()),
        Math.ceilDiv(product.outputs(), kernel.blockOutputs(product)),
        kernel.shares(),
        THREADS,
        stream,
        arguments);
  }

  private static Kernel kernel(RowProduct product, int rows) {
    int wideBlocks = product.outputs() * product.matrices() / (4 * WARP_OUTPUTS);
    boolean isWide = wideBlocks >= WIDE_BLOCKS;
    if (rows <= TILE_ROWS) {
      return isWide ? new Kernel(4, 1, 1) : new Kernel(1, 1, 1);
    }
    return new Kernel(4, rows <= 4 * TILE_ROWS ? 4 : 8, isWide ? 1 : SHARES);
  }

  /** Room for the most rows at once: a recorded step would go on using what has been replaced. */
  private void reserve(RowProduct product) {
    var kernel = kernel(product, Math.max(mostRows, product.rows()));
    if (kernel.shares() == 1) {
      return;
    }
    // A chunk of rows has as many tiles as the largest kernel.
    long chunks = Math.ceilDiv(Math.max(mostRows, product.rows()), TILE_ROWS * 8);
    long blocks = chunks * Math.ceilDiv(product.outputs(), kernel.blockOutputs(product));
    long bytes = blocks * kernel.shares() * 8 * TILE_SUMS * Float.BYTES;
    if (sums.byteSize() < bytes) {
      sums = device.allocate(bytes);
      arrivals = device.allocate(2 * blocks * Integer.BYTES);
      device.settle();
    }
  }

  private void setPointers(MemorySegment... values) {
    for (int index = 0; index < values.length; index++) {
      pointers[index].set(ADDRESS, 0, values[index]);
    }
  }

  private void setSizes(int... values) {
    for (int index = 0; index < values.length; index++) {
      sizes[index].set(JAVA_INT, 0, values[index]);
    }
  }

  @Override
  public void close() {
    program.close();
    arena.close();
  }
}
