package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the largest numbers of rows on the GPU, so that a greedy step brings a token per row over
 * the bus and not a vocabulary of logits.
 *
 * <p>The program is {@code largest.cu}; what is loaded is its PTX, which the driver compiles for
 * the GPU at hand. It leaves a 64-bit number for each row: above a key in the order of the numbers,
 * below the complement of the column, so that the largest is the first of the largest. Belongs to
 * its device.
 */
final class LargestProgram implements AutoCloseable {

  private static final String PROGRAM = "largest.ptx";

  /** As many as the program's reduction within a block is written for. */
  private static final int THREADS = 256;

  /** Blocks that share a row. */
  private static final int BLOCKS = 32;

  /** The key of infinity; those above are of what is not a number. */
  private static final long INFINITY = 0xff80_0000L;

  /** The key of negative infinity; there is none for zero rows. */
  private static final long NEGATIVE_INFINITY = 0x007f_ffffL;

  private final CudaRuntime cuda;
  private final Arena arena = Arena.ofShared();
  private final GpuProgram program;
  private final Map<FloatType, MemorySegment> functions = new EnumMap<>(FloatType.class);
  private final MemorySegment matrixArgument = arena.allocate(ADDRESS);
  private final MemorySegment lengthArgument = arena.allocate(JAVA_INT);
  private final MemorySegment resultArgument = arena.allocate(ADDRESS);
  private final MemorySegment arguments = arena.allocate(ADDRESS, 3);
  private @Nullable MemorySegment results;

  LargestProgram(CudaRuntime cuda) {
    this.cuda = cuda;
    program = new GpuProgram(cuda, PROGRAM);
    functions.put(FloatType.FLOAT32, program.function("largest_float32"));
    functions.put(FloatType.FLOAT16, program.function("largest_float16"));
    functions.put(FloatType.BFLOAT16, program.function("largest_bfloat16"));
    arguments.setAtIndex(ADDRESS, 0, matrixArgument);
    arguments.setAtIndex(ADDRESS, 1, lengthArgument);
    arguments.setAtIndex(ADDRESS, 2, resultArgument);
  }

  /** As {@link Device#findLargest}. */
  void find(
      Device device, MemorySegment matrix, FloatType type, int rows, int[] columns, int rowLength) {
    long bytes = (long) rows * Long.BYTES;
    var place = results;
    if (place == null || place.byteSize() < bytes) {
      place = device.allocate(bytes);
      results = place;
    }
    var rowResults = place.asSlice(0, bytes);
    cuda.zero(rowResults);
    matrixArgument.set(ADDRESS, 0, matrix);
    lengthArgument.set(JAVA_INT, 0, rowLength);
    resultArgument.set(ADDRESS, 0, rowResults);
    var function = functions.get(type);
    if (function == null) {
      throw new IllegalArgumentException("no program for " + type);
    }
    cuda.launch(function, BLOCKS, rows, 1, THREADS, MemorySegment.NULL, arguments);
    var found = device.read(rowResults);
    for (int row = 0; row < rows; row++) {
      columns[row] = column(found.getAtIndex(JAVA_LONG, row));
    }
  }

  private static int column(long result) {
    long key = result >>> Integer.SIZE;
    boolean isFinite = key > NEGATIVE_INFINITY && key < INFINITY;
    return isFinite ? ~(int) result : -1;
  }

  @Override
  public void close() {
    program.close();
    arena.close();
  }
}
