package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The kernels of {@code rows.cu}: chooses among them and starts them.
 *
 * <p>A row's result has the same bits whatever the number of rows, since the kernels for one matrix
 * cut and add its inputs alike.
 */
final class RowProgram implements AutoCloseable {

  /** More rows are read more often from the second-level cache than that can give. */
  static final int MOST_ROWS = 32;

  private static final int THREADS = 512;

  /** Rows of one tile of a tensor core's product. */
  private static final int TILE_ROWS = 8;

  /** Rows of a matrix for one warp's product. */
  private static final int WARP_OUTPUTS = 16;

  /** Warps of a block that have outputs of their own, where the matrix has enough for that. */
  private static final int WIDE_WARPS = 4;

  /** Blocks that are enough to keep a large GPU busy. */
  private static final int ENOUGH_BLOCKS = 128;

  private final CudaRuntime cuda;
  private final FloatType type;
  private final GpuProgram program;
  private final Map<String, MemorySegment> functions = new HashMap<>();

  /**
   * Compiles the kernels for the device of the calling thread.
   *
   * @param type of 16 bits
   */
  RowProgram(CudaRuntime cuda, FloatType type) {
    this.cuda = cuda;
    this.type = type;
    program =
        switch (type) {
          case FLOAT16 -> new GpuProgram(cuda, "rows-float16.ptx");
          case BFLOAT16 -> new GpuProgram(cuda, "rows-bfloat16.ptx");
          case FLOAT32 -> throw new IllegalArgumentException("no products of " + type);
        };
  }

  /** Starts a whole product of {@value #MOST_ROWS} rows at most. */
  void multiply(RowProduct product, MemorySegment stream) {
    int matrixRows = product.outputs() * product.matrices();
    boolean isWide = matrixRows >= ENOUGH_BLOCKS * WIDE_WARPS * WARP_OUTPUTS;
    int warps = isWide ? WIDE_WARPS : 1;
    int tiles = product.rows() <= TILE_ROWS ? 1 : MOST_ROWS / TILE_ROWS;
    int blocks = Math.ceilDiv(matrixRows, warps * WARP_OUTPUTS);
    boolean isAdded = product.kind() == RowProduct.Kind.ADDED;
    try (var arena = Arena.ofConfined()) {
      cuda.launch(
          function("%s_%%s_%d_%d".formatted(name(product.kind()), warps, tiles)),
          1,
          blocks,
          1,
          THREADS,
          stream,
          arguments(
              arena,
              product.input(),
              isAdded ? MemorySegment.NULL : product.operand(),
              product.weights(),
              isAdded ? product.operand() : MemorySegment.NULL,
              product.output(),
              product.rows(),
              product.outputs(),
              product.inputs(),
              product.epsilon()));
    }
  }

  private static String name(RowProduct.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Starts {@code norm(x) · gain} for all rows of a product of any size. */
  void normalize(RowProduct product, MemorySegment output, MemorySegment stream) {
    try (var arena = Arena.ofConfined()) {
      cuda.launch(
          function("normalize_%s"),
          product.rows(),
          1,
          1,
          THREADS,
          stream,
          arguments(
              arena,
              product.input(),
              product.operand(),
              output,
              product.inputs(),
              product.epsilon()));
    }
  }

  /**
   * Starts {@code silu(y₁) · y₂} for all rows of a product of any size.
   *
   * @param both {@code [rows, 2 · outputs]}
   */
  void gate(MemorySegment both, RowProduct product, MemorySegment stream) {
    try (var arena = Arena.ofConfined()) {
      cuda.launch(
          function("gate_%s"),
          Math.ceilDiv(product.outputs(), THREADS),
          product.rows(),
          1,
          THREADS,
          stream,
          arguments(arena, both, product.output(), product.outputs()));
    }
  }

  /** An array of pointers to the arguments. */
  private static MemorySegment arguments(Arena arena, Object... values) {
    var pointers = arena.allocate(ADDRESS, values.length);
    for (int index = 0; index < values.length; index++) {
      var place =
          switch (values[index]) {
            case MemorySegment address -> arena.allocateFrom(ADDRESS, address);
            case Integer number -> arena.allocateFrom(JAVA_INT, number);
            case Float number -> arena.allocateFrom(JAVA_FLOAT, number);
            default -> throw new IllegalArgumentException("no argument: " + values[index]);
          };
      pointers.setAtIndex(ADDRESS, index, place);
    }
    return pointers;
  }

  /** Finds a kernel by its name, in which the type's is left out. */
  private MemorySegment function(String name) {
    return functions.computeIfAbsent(
        name, key -> program.function(key.formatted(type.name().toLowerCase(Locale.ROOT))));
  }

  @Override
  public void close() {
    program.close();
  }
}
