package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * What ONNX Runtime's C API has and its Java API lacks: tensors over memory of any device, and
 * IoBinding.
 *
 * <p>The API is a table of function pointers that only ever grows at its end, so a function's
 * position identifies it; positions are those of {@code onnxruntime_c_api.h}. Every status is
 * checked and becomes an {@link OrtException} with ONNX Runtime's own message.
 */
final class OrtApi {

  /** Of the table that ONNX Runtime 1.29 was released with; later libraries serve it too. */
  private static final int VERSION = 29;

  /** The last position that is used here. */
  private static final int LAST_POSITION = 414;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemorySegment TABLE = table();

  private static final MethodHandle CREATE_STATUS = function(0, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle GET_ERROR_CODE = function(1, JAVA_INT, ADDRESS);
  private static final MethodHandle GET_ERROR_MESSAGE = function(2, ADDRESS, ADDRESS);
  private static final MethodHandle CREATE_OPERATOR_DOMAIN =
      function(26, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle ADD_OPERATOR = function(27, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle ADD_OPERATOR_DOMAIN = function(28, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle CREATE_TENSOR =
      function(49, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
  private static final MethodHandle TENSOR_CONTENT = function(51, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle CREATE_MEMORY_INFO =
      function(68, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle FLOAT_ATTRIBUTE =
      function(85, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle INTEGER_ATTRIBUTE =
      function(86, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle OPERATOR_INPUT =
      function(90, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle OPERATOR_OUTPUT =
      function(91, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle RELEASE_STATUS = procedure(93);
  private static final MethodHandle RELEASE_MEMORY_INFO = procedure(94);
  private static final MethodHandle RELEASE_VALUE = procedure(96);
  private static final MethodHandle RELEASE_OPERATOR_DOMAIN = procedure(101);
  private static final MethodHandle RUN_WITH_BINDING =
      function(133, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle CREATE_IO_BINDING = function(134, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle RELEASE_IO_BINDING = procedure(135);
  private static final MethodHandle BIND_INPUT = function(136, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle BIND_OUTPUT = function(137, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  private static final MethodHandle GPU_STREAM = function(193, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle PARALLEL_FOR =
      function(274, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
  private static final MethodHandle TENSOR_SHAPE =
      function(414, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  private static final VarHandle SESSION_OPTIONS = handleField(SessionOptions.class);
  private static final VarHandle SESSION = handleField(OrtSession.class);
  private static final VarHandle RUN_OPTIONS = handleField(RunOptions.class);

  /** {@code OrtDeviceAllocator}: the memory is the caller's, no arena is involved. */
  private static final int DEVICE_ALLOCATOR = 0;

  /** {@code OrtMemTypeDefault}. */
  private static final int DEFAULT_MEMORY = 0;

  /** {@code ORT_FAIL}. */
  private static final int FAIL = 1;

  /** Of all objects made here that have not been released. */
  private static final AtomicLong OBJECTS = new AtomicLong();

  private OrtApi() {}

  /** How many objects made here have not been released; what a session leaves behind is a leak. */
  static long objects() {
    return OBJECTS.get();
  }

  /** A function that returns a status or a value. */
  private static MethodHandle function(
      int position, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        TABLE.getAtIndex(ADDRESS, position), FunctionDescriptor.of(result, parameters));
  }

  /** A function that takes one pointer and returns nothing. */
  private static MethodHandle procedure(int position) {
    return LINKER.downcallHandle(
        TABLE.getAtIndex(ADDRESS, position), FunctionDescriptor.ofVoid(ADDRESS));
  }

  private static MemorySegment table() {
    // The environment loads the library.
    var _ = OnnxRuntime.environment();
    var getApiBase =
        LINKER.downcallHandle(
            SymbolLookup.loaderLookup().findOrThrow("OrtGetApiBase"),
            FunctionDescriptor.of(ADDRESS));
    try {
      var base = ((MemorySegment) getApiBase.invokeExact()).reinterpret(ADDRESS.byteSize());
      var getApi =
          LINKER.downcallHandle(base.get(ADDRESS, 0), FunctionDescriptor.of(ADDRESS, JAVA_INT));
      var table = (MemorySegment) getApi.invokeExact(VERSION);
      if (table.equals(MemorySegment.NULL)) {
        throw new IllegalStateException(
            "ONNX Runtime %s has no API of version %d"
                .formatted(OnnxRuntime.environment().getVersion(), VERSION));
      }
      return table.reinterpret((LAST_POSITION + 1) * ADDRESS.byteSize());
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  private static VarHandle handleField(Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findVarHandle(type, "nativeHandle", long.class);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException(
          type + " of this ONNX Runtime keeps its native handle elsewhere", changed);
    }
  }

  /** A call that returns a status. */
  private interface Call {
    MemorySegment status() throws Throwable;
  }

  private static void check(Call call) throws OrtException {
    try {
      var status = call.status();
      if (!status.equals(MemorySegment.NULL)) {
        int code = (int) GET_ERROR_CODE.invokeExact(status);
        var message = (MemorySegment) GET_ERROR_MESSAGE.invokeExact(status);
        var text = message.reinterpret(Long.MAX_VALUE).getString(0);
        RELEASE_STATUS.invokeExact(status);
        throw new OrtException(code, text);
      }
    } catch (OrtException | RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  private static MemorySegment made(MemorySegment place) {
    OBJECTS.incrementAndGet();
    return place.get(ADDRESS, 0);
  }

  private static void release(MethodHandle procedure, MemorySegment object) {
    OBJECTS.decrementAndGet();
    try {
      procedure.invokeExact(object);
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  /**
   * Describes where memory is.
   *
   * @param name ONNX Runtime's of the kind of memory, such as {@code Cpu} or {@code Cuda}
   * @param device its number
   */
  static MemorySegment createMemoryInfo(String name, int device) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      var nameText = arena.allocateFrom(name);
      check(
          () ->
              (MemorySegment)
                  CREATE_MEMORY_INFO.invokeExact(
                      nameText, DEVICE_ALLOCATOR, device, DEFAULT_MEMORY, made));
      return made(made);
    }
  }

  static void releaseMemoryInfo(MemorySegment memoryInfo) {
    release(RELEASE_MEMORY_INFO, memoryInfo);
  }

  /** Makes a tensor over memory that the caller keeps. */
  static MemorySegment createTensor(
      MemorySegment memoryInfo, MemorySegment content, long[] shape, OnnxJavaType type)
      throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      var dimensions = arena.allocateFrom(JAVA_LONG, shape);
      check(
          () ->
              (MemorySegment)
                  CREATE_TENSOR.invokeExact(
                      memoryInfo,
                      content,
                      content.byteSize(),
                      dimensions,
                      (long) shape.length,
                      elementType(type),
                      made));
      return made(made);
    }
  }

  /** {@code ONNXTensorElementDataType}. */
  static int elementType(OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> 1;
      case INT32 -> 6;
      case INT64 -> 7;
      case FLOAT16 -> 10;
      case BFLOAT16 -> 16;
      default -> throw new IllegalArgumentException("no tensors of " + type + " here");
    };
  }

  static void releaseValue(MemorySegment value) {
    release(RELEASE_VALUE, value);
  }

  static MemorySegment createIoBinding(OrtSession session) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      var handle = handle(SESSION, session);
      check(() -> (MemorySegment) CREATE_IO_BINDING.invokeExact(handle, made));
      return made(made);
    }
  }

  static void releaseIoBinding(MemorySegment binding) {
    release(RELEASE_IO_BINDING, binding);
  }

  /** Replaces what was bound to the name. */
  static void bindInput(MemorySegment binding, MemorySegment name, MemorySegment value)
      throws OrtException {
    check(() -> (MemorySegment) BIND_INPUT.invokeExact(binding, name, value));
  }

  /** Replaces what was bound to the name. */
  static void bindOutput(MemorySegment binding, MemorySegment name, MemorySegment value)
      throws OrtException {
    check(() -> (MemorySegment) BIND_OUTPUT.invokeExact(binding, name, value));
  }

  /** Returns when all outputs are written. */
  static void runWithBinding(OrtSession session, RunOptions options, MemorySegment binding)
      throws OrtException {
    var sessionHandle = handle(SESSION, session);
    var optionsHandle = handle(RUN_OPTIONS, options);
    check(
        () -> (MemorySegment) RUN_WITH_BINDING.invokeExact(sessionHandle, optionsHandle, binding));
  }

  /** Makes an empty set of operators under one domain. */
  static MemorySegment createOperatorDomain(String name) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      var nameText = arena.allocateFrom(name);
      check(() -> (MemorySegment) CREATE_OPERATOR_DOMAIN.invokeExact(nameText, made));
      return made(made);
    }
  }

  static void releaseOperatorDomain(MemorySegment domain) {
    release(RELEASE_OPERATOR_DOMAIN, domain);
  }

  /**
   * Adds an operator to a domain.
   *
   * @param operator an {@code OrtCustomOp}, which must live as long as the domain
   */
  static void addOperator(MemorySegment domain, MemorySegment operator) throws OrtException {
    check(() -> (MemorySegment) ADD_OPERATOR.invokeExact(domain, operator));
  }

  /** Makes a domain, which must live as long, known to the sessions of the options. */
  static void addOperatorDomain(SessionOptions options, MemorySegment domain) throws OrtException {
    var handle = handle(SESSION_OPTIONS, options);
    check(() -> (MemorySegment) ADD_OPERATOR_DOMAIN.invokeExact(handle, domain));
  }

  /** A status that tells of a failure, for an operator to return. */
  static MemorySegment failure(String message) {
    try (var arena = Arena.ofConfined()) {
      return (MemorySegment) CREATE_STATUS.invokeExact(FAIL, arena.allocateFrom(message));
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  /** Reads an attribute of the node that an operator's kernel is made for. */
  static float attribute(MemorySegment kernelInfo, String name) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_FLOAT);
      var nameText = arena.allocateFrom(name);
      check(() -> (MemorySegment) FLOAT_ATTRIBUTE.invokeExact(kernelInfo, nameText, value));
      return value.get(JAVA_FLOAT, 0);
    }
  }

  /** As {@link #attribute}, of an integer. */
  static long integerAttribute(MemorySegment kernelInfo, String name) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      var nameText = arena.allocateFrom(name);
      check(() -> (MemorySegment) INTEGER_ATTRIBUTE.invokeExact(kernelInfo, nameText, value));
      return value.get(JAVA_LONG, 0);
    }
  }

  /**
   * Calls a function for all numbers below another one, on the threads of the session whose
   * operator is computed now, and returns when all have returned.
   *
   * @param function {@code void (*)(void*, size_t)}, which must not throw
   * @param below how many calls there are, of which each may be on another thread
   */
  static void parallelFor(MemorySegment context, MemorySegment function, long below)
      throws OrtException {
    check(
        () ->
            (MemorySegment)
                PARALLEL_FOR.invokeExact(context, function, below, below, MemorySegment.NULL));
  }

  /** A tensor that an operator's kernel was given or makes, of which ONNX Runtime keeps hold. */
  record OperatorTensor(List<Long> shape, MemorySegment content) {}

  /** An input of the operator that is computed now. */
  static OperatorTensor operatorInput(MemorySegment context, long index) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var place = arena.allocate(ADDRESS);
      check(() -> (MemorySegment) OPERATOR_INPUT.invokeExact(context, index, place));
      var value = place.get(ADDRESS, 0);
      return new OperatorTensor(shape(value, arena), content(value, arena));
    }
  }

  /** Makes an output of the operator that is computed now; its content is undefined. */
  static OperatorTensor operatorOutput(MemorySegment context, long index, List<Long> shape)
      throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var place = arena.allocate(ADDRESS);
      var dimensions =
          arena.allocateFrom(JAVA_LONG, shape.stream().mapToLong(Long::longValue).toArray());
      check(
          () ->
              (MemorySegment)
                  OPERATOR_OUTPUT.invokeExact(
                      context, index, dimensions, (long) shape.size(), place));
      return new OperatorTensor(shape, content(place.get(ADDRESS, 0), arena));
    }
  }

  /**
   * Inputs and outputs of operators that are computed many times in a step: the results of the C
   * API are read through memory that is allocated once. Belongs to the thread that runs the
   * session.
   */
  static final class OperatorAccess {

    private final MemorySegment place;
    private final MemorySegment type;
    private final MemorySegment dimensions;
    private final MemorySegment rank;
    private final MemorySegment shape;

    OperatorAccess(Arena arena, int mostDimensions) {
      place = arena.allocate(ADDRESS);
      type = arena.allocate(JAVA_INT);
      dimensions = arena.allocate(ADDRESS);
      rank = arena.allocate(JAVA_LONG);
      shape = arena.allocate(JAVA_LONG, mostDimensions);
    }

    /** The tensor that is an input; the null pointer if the node does without. */
    MemorySegment input(MemorySegment context, long index) throws OrtException {
      check(() -> (MemorySegment) OPERATOR_INPUT.invokeExact(context, index, place));
      return place.get(ADDRESS, 0);
    }

    /** Makes an output of {@code dimensions[0, count)}, whose content is undefined. */
    MemorySegment output(MemorySegment context, long index, long[] lengths) throws OrtException {
      MemorySegment.copy(lengths, 0, shape, JAVA_LONG, 0, lengths.length);
      check(
          () ->
              (MemorySegment)
                  OPERATOR_OUTPUT.invokeExact(context, index, shape, (long) lengths.length, place));
      return place.get(ADDRESS, 0);
    }

    /** The lengths of a tensor's dimensions. */
    long[] shape(MemorySegment tensor) throws OrtException {
      check(() -> (MemorySegment) TENSOR_SHAPE.invokeExact(tensor, type, dimensions, rank));
      long bytes = rank.get(JAVA_LONG, 0) * Long.BYTES;
      return dimensions.get(ADDRESS, 0).reinterpret(bytes).toArray(JAVA_LONG);
    }

    /** A tensor's numbers. */
    MemorySegment content(MemorySegment tensor, long bytes) throws OrtException {
      check(() -> (MemorySegment) TENSOR_CONTENT.invokeExact(tensor, place));
      return place.get(ADDRESS, 0).reinterpret(bytes);
    }
  }

  private static List<Long> shape(MemorySegment value, Arena arena) throws OrtException {
    var type = arena.allocate(JAVA_INT);
    var dimensions = arena.allocate(ADDRESS);
    var rank = arena.allocate(JAVA_LONG);
    check(() -> (MemorySegment) TENSOR_SHAPE.invokeExact(value, type, dimensions, rank));
    var lengths = dimensions.get(ADDRESS, 0).reinterpret(rank.get(JAVA_LONG, 0) * Long.BYTES);
    return LongStream.of(lengths.toArray(JAVA_LONG)).boxed().toList();
  }

  private static MemorySegment content(MemorySegment value, Arena arena) throws OrtException {
    var content = arena.allocate(ADDRESS);
    check(() -> (MemorySegment) TENSOR_CONTENT.invokeExact(value, content));
    return content.get(ADDRESS, 0);
  }

  /** The CUDA stream of the operator that is computed now. */
  static MemorySegment gpuStream(MemorySegment context) throws OrtException {
    try (var arena = Arena.ofConfined()) {
      var stream = arena.allocate(ADDRESS);
      check(() -> (MemorySegment) GPU_STREAM.invokeExact(context, stream));
      return stream.get(ADDRESS, 0);
    }
  }

  private static MemorySegment handle(VarHandle field, Object owner) {
    return MemorySegment.ofAddress((long) field.get(owner));
  }
}
