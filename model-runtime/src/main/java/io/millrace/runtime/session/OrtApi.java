package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.ADDRESS;
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
import java.util.concurrent.atomic.AtomicLong;

/**
 * What ONNX Runtime's C API has and its Java API lacks: tensors over memory of any device,
 * IoBinding, and operators of one's own, whose kernels see the rest through {@link KernelContext}.
 *
 * <p>The API is a table of function pointers that only ever grows at its end, so a function's
 * position identifies it; positions are those of {@code onnxruntime_c_api.h}. Every status is
 * checked and becomes an {@link OrtException} with ONNX Runtime's own message.
 */
final class OrtApi {

  /** Of the table that ONNX Runtime 1.29 was released with; later libraries serve it too. */
  private static final int VERSION = 29;

  /** The last position that is used. */
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
  private static final MethodHandle CREATE_MEMORY_INFO =
      function(68, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
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
  static MethodHandle function(int position, MemoryLayout result, MemoryLayout... parameters) {
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
  interface Call {
    MemorySegment status() throws Throwable;
  }

  /** Throws what the status says. */
  static void check(Call call) throws OrtException {
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

  private static MemorySegment handle(VarHandle field, Object owner) {
    return MemorySegment.ofAddress((long) field.get(owner));
  }
}
