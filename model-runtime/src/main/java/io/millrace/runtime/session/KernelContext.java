package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What a kernel of an operator sees of the node that is computed: {@code OrtKernelContext} and the
 * tensors in it.
 *
 * <p>Operators are computed hundreds of times in a step, so what the C API returns is read through
 * memory that is allocated once. Hence an object belongs to one operator of one session, and to the
 * thread that runs the session.
 */
final class KernelContext {

  private static final MethodHandle TENSOR_CONTENT = OrtApi.function(51, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle FLOAT_ATTRIBUTE =
      OrtApi.function(85, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle INTEGER_ATTRIBUTE =
      OrtApi.function(86, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle INPUT =
      OrtApi.function(90, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle OUTPUT =
      OrtApi.function(91, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle GPU_STREAM = OrtApi.function(193, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle PARALLEL_FOR =
      OrtApi.function(274, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
  private static final MethodHandle TENSOR_SHAPE =
      OrtApi.function(414, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  /** Of any output made here. */
  private static final int MOST_DIMENSIONS = 8;

  private final MemorySegment place;
  private final MemorySegment type;
  private final MemorySegment dimensions;
  private final MemorySegment rank;
  private final MemorySegment shape;

  private MemorySegment context = MemorySegment.NULL;

  KernelContext(Arena arena) {
    place = arena.allocate(ADDRESS);
    type = arena.allocate(JAVA_INT);
    dimensions = arena.allocate(ADDRESS);
    rank = arena.allocate(JAVA_LONG);
    shape = arena.allocate(JAVA_LONG, MOST_DIMENSIONS);
  }

  /**
   * The node that is computed from now on.
   *
   * @param context {@code OrtKernelContext}
   */
  void use(MemorySegment context) {
    this.context = context;
  }

  /** The tensor that is an input; the null pointer if the node does without. */
  MemorySegment input(long index) throws OrtException {
    OrtApi.check(() -> (MemorySegment) INPUT.invokeExact(context, index, place));
    return place.get(ADDRESS, 0);
  }

  /** Makes the tensor that is an output, whose content is undefined. */
  MemorySegment output(long index, long[] lengths) throws OrtException {
    MemorySegment.copy(lengths, 0, shape, JAVA_LONG, 0, lengths.length);
    OrtApi.check(
        () ->
            (MemorySegment)
                OUTPUT.invokeExact(context, index, shape, (long) lengths.length, place));
    return place.get(ADDRESS, 0);
  }

  /** The lengths of a tensor's dimensions. */
  long[] shape(MemorySegment tensor) throws OrtException {
    OrtApi.check(() -> (MemorySegment) TENSOR_SHAPE.invokeExact(tensor, type, dimensions, rank));
    long bytes = rank.get(JAVA_LONG, 0) * Long.BYTES;
    return dimensions.get(ADDRESS, 0).reinterpret(bytes).toArray(JAVA_LONG);
  }

  /** Where a tensor's numbers are, on the device that computes the node. */
  MemorySegment content(MemorySegment tensor) throws OrtException {
    OrtApi.check(() -> (MemorySegment) TENSOR_CONTENT.invokeExact(tensor, place));
    return place.get(ADDRESS, 0);
  }

  /**
   * Calls a function for all numbers below another one, on the threads of the session, and returns
   * when all have returned.
   *
   * @param function {@code void (*)(void*, size_t)}, which must not throw
   * @param below how many calls there are, of which each may be on another thread
   */
  void parallelFor(MemorySegment function, long below) throws OrtException {
    OrtApi.check(
        () ->
            (MemorySegment)
                PARALLEL_FOR.invokeExact(context, function, below, below, MemorySegment.NULL));
  }

  /** The CUDA stream on which the node is computed. */
  MemorySegment gpuStream() throws OrtException {
    OrtApi.check(() -> (MemorySegment) GPU_STREAM.invokeExact(context, place));
    return place.get(ADDRESS, 0);
  }

  /**
   * Reads an attribute of the node that a kernel is made for.
   *
   * @param info {@code OrtKernelInfo}
   */
  static float attribute(MemorySegment info, String name) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_FLOAT);
      var nameText = arena.allocateFrom(name);
      OrtApi.check(() -> (MemorySegment) FLOAT_ATTRIBUTE.invokeExact(info, nameText, value));
      return value.get(JAVA_FLOAT, 0);
    }
  }

  /** As {@link #attribute}, of an integer. */
  static long integerAttribute(MemorySegment info, String name) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      var nameText = arena.allocateFrom(name);
      OrtApi.check(() -> (MemorySegment) INTEGER_ATTRIBUTE.invokeExact(info, nameText, value));
      return value.get(JAVA_LONG, 0);
    }
  }
}
