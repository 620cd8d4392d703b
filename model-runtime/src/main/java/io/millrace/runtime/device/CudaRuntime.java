package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The functions of the <a href="https://docs.nvidia.com/cuda/cuda-runtime-api/">CUDA runtime</a>
 * and of the <a href="https://docs.nvidia.com/cuda/cuda-driver-api/">CUDA driver</a> that are
 * needed here. Every error becomes a {@link CudaException}.
 *
 * <p>Works on the default stream, whose copies are asynchronous until {@link #synchronize}.
 */
final class CudaRuntime {

  /** Newest first. ONNX Runtime's CUDA provider has loaded the one it was built for. */
  private static final List<String> RUNTIME_LIBRARIES =
      List.of("libcudart.so.13", "libcudart.so.12", "cudart64_13.dll", "cudart64_12.dll");

  private static final List<String> DRIVER_LIBRARIES = List.of("libcuda.so.1", "nvcuda.dll");

  private static final int DEVICE_TO_HOST = 2;
  private static final int DEVICE_TO_DEVICE = 3;

  /** {@code cudaHostAllocPortable | cudaHostAllocMapped}. */
  private static final int PORTABLE_AND_MAPPED = 3;

  private static final Linker LINKER = Linker.nativeLinker();

  private final MethodHandle setDevice;
  private final MethodHandle malloc;
  private final MethodHandle free;
  private final MethodHandle hostAlloc;
  private final MethodHandle freeHost;
  private final MethodHandle memset;
  private final MethodHandle memcpy;
  private final MethodHandle memcpy2d;
  private final MethodHandle streamSynchronize;
  private final MethodHandle memGetInfo;
  private final MethodHandle errorString;
  private final MethodHandle moduleLoad;
  private final MethodHandle moduleUnload;
  private final MethodHandle moduleFunction;
  private final MethodHandle launchKernel;

  /**
   * Finds the libraries.
   *
   * @throws CudaException if there is no driver or no runtime on this machine
   */
  CudaRuntime() {
    var runtime = library(RUNTIME_LIBRARIES, "CUDA runtime");
    setDevice = function(runtime, "cudaSetDevice", JAVA_INT);
    malloc = function(runtime, "cudaMalloc", ADDRESS, JAVA_LONG);
    free = function(runtime, "cudaFree", ADDRESS);
    hostAlloc = function(runtime, "cudaHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
    freeHost = function(runtime, "cudaFreeHost", ADDRESS);
    memset = function(runtime, "cudaMemsetAsync", ADDRESS, JAVA_INT, JAVA_LONG, ADDRESS);
    memcpy = function(runtime, "cudaMemcpyAsync", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
    memcpy2d =
        function(
            runtime,
            "cudaMemcpy2DAsync",
            ADDRESS,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            ADDRESS);
    streamSynchronize = function(runtime, "cudaStreamSynchronize", ADDRESS);
    memGetInfo = function(runtime, "cudaMemGetInfo", ADDRESS, ADDRESS);
    errorString =
        LINKER.downcallHandle(
            symbol(runtime, "cudaGetErrorString"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
    var driver = library(DRIVER_LIBRARIES, "CUDA driver");
    moduleLoad = function(driver, "cuModuleLoadData", ADDRESS, ADDRESS);
    moduleUnload = function(driver, "cuModuleUnload", ADDRESS);
    moduleFunction = function(driver, "cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS);
    launchKernel =
        function(
            driver,
            "cuLaunchKernel",
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            ADDRESS);
  }

  private static SymbolLookup library(List<String> names, String what) {
    for (var name : names) {
      try {
        return SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException absent) {
        // The next one, then.
      }
    }
    throw new CudaException("no " + what + " found: none of " + names);
  }

  /** A function that returns an error code. */
  private static MethodHandle function(
      SymbolLookup library, String name, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        symbol(library, name), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MemorySegment symbol(SymbolLookup library, String name) {
    return library
        .find(name)
        .orElseThrow(() -> new CudaException("the CUDA libraries have no " + name));
  }

  /** A call that returns an error code, 0 for none. */
  private interface Call {
    int error() throws Throwable;
  }

  private void check(String what, Call call) {
    int error = error(call);
    if (error != 0) {
      throw new CudaException("%s failed: CUDA error %d, %s".formatted(what, error, text(error)));
    }
  }

  private static int error(Call call) {
    try {
      return call.error();
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  /** The numbers of runtime and driver are the same for the errors that occur in practice. */
  private String text(int error) {
    try {
      var text = (MemorySegment) errorString.invokeExact(error);
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  /** Makes a device that of the calling thread. */
  void useDevice(int number) {
    check("choosing GPU " + number, () -> (int) setDevice.invokeExact(number));
  }

  /** Memory of the device; its content is undefined. */
  MemorySegment allocate(long bytes) {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      check(
          "allocating " + bytes + " bytes on the GPU", () -> (int) malloc.invokeExact(made, bytes));
      return made.get(ADDRESS, 0).reinterpret(bytes);
    }
  }

  void free(MemorySegment memory) {
    check("freeing GPU memory", () -> (int) free.invokeExact(memory));
  }

  /** Memory of the host that the device reads and writes at the same addresses. */
  MemorySegment allocateHost(long bytes) {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      check(
          "allocating " + bytes + " bytes of pinned memory",
          () -> (int) hostAlloc.invokeExact(made, bytes, PORTABLE_AND_MAPPED));
      return made.get(ADDRESS, 0).reinterpret(bytes);
    }
  }

  void freeHost(MemorySegment memory) {
    check("freeing pinned memory", () -> (int) freeHost.invokeExact(memory));
  }

  void zero(MemorySegment memory) {
    check(
        "zeroing GPU memory",
        () -> (int) memset.invokeExact(memory, 0, memory.byteSize(), MemorySegment.NULL));
  }

  /** From the device to pinned memory of the host. */
  void copyToHost(MemorySegment from, MemorySegment to, long bytes) {
    check(
        "copying from the GPU",
        () -> (int) memcpy.invokeExact(to, from, bytes, DEVICE_TO_HOST, MemorySegment.NULL));
  }

  /** Within the device's memory. */
  void copyOnDevice(MemorySegment from, MemorySegment to, long bytes) {
    check(
        "copying on the GPU",
        () -> (int) memcpy.invokeExact(to, from, bytes, DEVICE_TO_DEVICE, MemorySegment.NULL));
  }

  /** As {@link Device#copy}. */
  void copyOnDevice(
      MemorySegment from,
      long fromDistance,
      MemorySegment to,
      long toDistance,
      long bytes,
      int pieces) {
    check(
        "copying on the GPU",
        () ->
            (int)
                memcpy2d.invokeExact(
                    to,
                    toDistance,
                    from,
                    fromDistance,
                    bytes,
                    (long) pieces,
                    DEVICE_TO_DEVICE,
                    MemorySegment.NULL));
  }

  /** Waits for what was begun on the default stream. */
  void synchronize() {
    check("a GPU operation", () -> (int) streamSynchronize.invokeExact(MemorySegment.NULL));
  }

  /** The device's memory in bytes: free, and all of it. */
  long[] memory() {
    try (var arena = Arena.ofConfined()) {
      var free = arena.allocate(JAVA_LONG);
      var total = arena.allocate(JAVA_LONG);
      check("asking for GPU memory", () -> (int) memGetInfo.invokeExact(free, total));
      return new long[] {free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0)};
    }
  }

  /**
   * Compiles a program in PTX for the calling thread's device.
   *
   * @param source ends with a zero byte
   */
  MemorySegment loadModule(MemorySegment source) {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      check("compiling a GPU program", () -> (int) moduleLoad.invokeExact(made, source));
      return made.get(ADDRESS, 0);
    }
  }

  void unloadModule(MemorySegment module) {
    check("unloading a GPU program", () -> (int) moduleUnload.invokeExact(module));
  }

  MemorySegment function(MemorySegment module, String name) {
    try (var arena = Arena.ofConfined()) {
      var made = arena.allocate(ADDRESS);
      var text = arena.allocateFrom(name);
      check(
          "finding " + name + " in a GPU program",
          () -> (int) moduleFunction.invokeExact(made, module, text));
      return made.get(ADDRESS, 0);
    }
  }

  /**
   * Starts a function on a grid of blocks.
   *
   * @param parameters an array of pointers to the arguments
   */
  void launch(MemorySegment function, int gridX, int gridY, int threads, MemorySegment parameters) {
    check(
        "starting a GPU program",
        () ->
            (int)
                launchKernel.invokeExact(
                    function,
                    gridX,
                    gridY,
                    1,
                    threads,
                    1,
                    1,
                    0,
                    MemorySegment.NULL,
                    parameters,
                    MemorySegment.NULL));
  }
}
