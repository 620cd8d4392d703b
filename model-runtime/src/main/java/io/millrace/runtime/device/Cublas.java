package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Products of matrices by <a href="https://docs.nvidia.com/cuda/cublas/">cuBLAS</a>, on the device
 * that was the calling thread's when this was made.
 */
final class Cublas implements AutoCloseable {

  /** {@code CUBLAS_OP_N} and {@code CUBLAS_OP_T}. */
  private static final int AS_IT_IS = 0;

  private static final int TRANSPOSED = 1;

  /** {@code CUBLAS_COMPUTE_32F}. */
  private static final int SUMS_IN_FLOAT32 = 68;

  /** {@code CUBLAS_GEMM_DEFAULT}. */
  private static final int DEFAULT_ALGORITHM = -1;

  /** What NVIDIA recommends for Hopper; given, so that a recorded step needs none of its own. */
  private static final long WORKSPACE_BYTES = 32L << 20;

  private static final Linker LINKER = Linker.nativeLinker();

  private final MethodHandle destroy;
  private final MethodHandle setStream;
  private final MethodHandle setWorkspace;
  private final MethodHandle multiply;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment handle;
  private final MemorySegment workspace;
  private final MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1);
  private final MemorySegment addFactor = arena.allocate(JAVA_FLOAT);

  /**
   * Finds the library and starts it.
   *
   * @throws CudaException if it is not there
   */
  Cublas(Device device) {
    var library =
        NvidiaLibrary.CUBLAS
            .lookUp()
            .orElseThrow(
                () -> new CudaException("not found: " + NvidiaLibrary.CUBLAS.titleAndFiles()));
    destroy = function(library, "cublasDestroy_v2", ADDRESS);
    setStream = function(library, "cublasSetStream_v2", ADDRESS, ADDRESS);
    setWorkspace = function(library, "cublasSetWorkspace_v2", ADDRESS, ADDRESS, JAVA_LONG);
    multiply =
        function(
            library,
            "cublasGemmEx",
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT);
    var create = function(library, "cublasCreate_v2", ADDRESS);
    var made = arena.allocate(ADDRESS);
    check("starting", () -> (int) create.invokeExact(made));
    handle = made.get(ADDRESS, 0);
    workspace = device.allocate(WORKSPACE_BYTES);
    device.settle();
  }

  private static MethodHandle function(
      SymbolLookup library, String name, MemoryLayout... parameters) {
    var symbol = library.find(name).orElseThrow(() -> new CudaException("cuBLAS has no " + name));
    return LINKER.downcallHandle(symbol, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  /** A call that returns a status, 0 for success. */
  private interface Call {
    int status() throws Throwable;
  }

  private static void check(String what, Call call) {
    try {
      int status = call.status();
      if (status != 0) {
        throw new CudaException("%s cuBLAS failed: status %d".formatted(what, status));
      }
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  /**
   * Computes {@code x wᵀ}.
   *
   * @param input {@code x [rows, inputs]}
   * @param weights {@code w [outputs, inputs]}
   * @param output {@code [rows, outputs]}
   * @param isAdded whether the product is added to what is in the output
   * @param type of 16 bits
   */
  void multiply(
      MemorySegment input,
      MemorySegment weights,
      MemorySegment output,
      int rows,
      int inputs,
      int outputs,
      boolean isAdded,
      FloatType type,
      MemorySegment stream) {
    addFactor.set(JAVA_FLOAT, 0, isAdded ? 1 : 0);
    int number = number(type);
    check("a stream of", () -> (int) setStream.invokeExact(handle, stream));
    check(
        "a workspace of", () -> (int) setWorkspace.invokeExact(handle, workspace, WORKSPACE_BYTES));
    // Matrices are stored by columns there: yᵀ = w xᵀ.
    check(
        "a product by",
        () ->
            (int)
                multiply.invokeExact(
                    handle,
                    TRANSPOSED,
                    AS_IT_IS,
                    outputs,
                    rows,
                    inputs,
                    one,
                    weights,
                    number,
                    inputs,
                    input,
                    number,
                    inputs,
                    addFactor,
                    output,
                    number,
                    outputs,
                    SUMS_IN_FLOAT32,
                    DEFAULT_ALGORITHM));
  }

  /** {@code cudaDataType}. */
  private static int number(FloatType type) {
    return switch (type) {
      case FLOAT32 -> 0;
      case FLOAT16 -> 2;
      case BFLOAT16 -> 14;
    };
  }

  @Override
  public void close() {
    check("closing", () -> (int) destroy.invokeExact(handle));
    arena.close();
  }
}
