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

/**
 * The functions of the <a href="https://docs.nvidia.com/cuda/cuda-runtime-api/">CUDA runtime</a>
 * and of the <a href="https://docs.nvidia.com/cuda/cuda-driver-api/">CUDA driver</a> that are
 * needed here. Every error becomes a {@link CudaException}.
 *
 * <p>Works on the default stream where none is given; its copies are asynchronous until {@link
 * #synchronize}.
 */
final class CudaRuntime {

  /** Bytes of a device's name at most. */
  private static final int NAME_BYTES = 256;

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
  private final MethodHandle getDeviceCount;
  private final MethodHandle initialize;
  private final MethodHandle deviceGet;
  private final MethodHandle deviceGetName;
  private final MethodHandle deviceTotalMem;
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
    var runtime = library(NvidiaLibrary.RUNTIME);
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
    getDeviceCount = function(runtime, "cudaGetDeviceCount", ADDRESS);
    errorString =
        LINKER.downcallHandle(
            symbol(runtime, "cudaGetErrorString"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
    var driver = library(NvidiaLibrary.DRIVER);
    initialize = function(driver, "cuInit", JAVA_INT);
    deviceGet = function(driver, "cuDeviceGet", ADDRESS, JAVA_INT);
    deviceGetName = function(driver, "cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT);
    deviceTotalMem = function(driver, "cuDeviceTotalMem_v2", ADDRESS, JAVA_INT);
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

  private static SymbolLookup library(NvidiaLibrary wanted) {
    return wanted
        .lookUp()
        .orElseThrow(() -> new CudaException("not found: " + wanted.titleAndFiles()));
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

  /** How many devices are visible; an error if none is. */
  int deviceCount() {
    try (var arena = Arena.ofConfined()) {
      var count = arena.allocate(JAVA_INT);
      check("counting GPUs", () -> (int) getDeviceCount.invokeExact(count));
      return count.get(JAVA_INT, 0);
    }
  }

  /** What NVIDIA calls the device. */
  String deviceName(int number) {
    int device = driverDevice(number);
    try (var arena = Arena.ofConfined()) {
      var name = arena.allocate(NAME_BYTES);
      check(
          "asking for the name of GPU " + number,
          () -> (int) deviceGetName.invokeExact(name, NAME_BYTES, device));
      return name.getString(0);
    }
  }

  /** All of a device's memory, whichever device is in use. */
  long deviceBytes(int number) {
    int device = driverDevice(number);
    try (var arena = Arena.ofConfined()) {
      var bytes = arena.allocate(JAVA_LONG);
      check(
          "asking for the memory of GPU " + number,
          () -> (int) deviceTotalMem.invokeExact(bytes, device));
      return bytes.get(JAVA_LONG, 0);
    }
  }

  /** The driver's own handle of a device. */
  private int driverDevice(int number) {
    try (var arena = Arena.ofConfined()) {
      var device = arena.allocate(JAVA_INT);
      check("starting the CUDA driver", () -> (int) initialize.invokeExact(0));
      check("finding GPU " + number, () -> (int) deviceGet.invokeExact(device, number));
      return device.get(JAVA_INT, 0);
    }
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
    copyOnDevice(from, to, bytes, MemorySegment.NULL);
  }

  /** Within the device's memory, in the order of a stream. */
  void copyOnDevice(MemorySegment from, MemorySegment to, long bytes, MemorySegment stream) {
    check(
        "copying on the GPU",
        () -> (int) memcpy.invokeExact(to, from, bytes, DEVICE_TO_DEVICE, stream));
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

  /** What is free now of the memory of the device in use. */
  long freeBytes() {
    try (var arena = Arena.ofConfined()) {
      var free = arena.allocate(JAVA_LONG);
      var total = arena.allocate(JAVA_LONG);
      check("asking for GPU memory", () -> (int) memGetInfo.invokeExact(free, total));
      return free.get(JAVA_LONG, 0);
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
   * @param threads of a block
   * @param stream in whose order it runs; the null pointer for the default one
   * @param parameters an array of pointers to the arguments
   */
  void launch(
      MemorySegment function,
      int gridX,
      int gridY,
      int gridZ,
      int threads,
      MemorySegment stream,
      MemorySegment parameters) {
    check(
        "starting a GPU program",
        () ->
            (int)
                launchKernel.invokeExact(
                    function,
                    gridX,
                    gridY,
                    gridZ,
                    threads,
                    1,
                    1,
                    0,
                    stream,
                    parameters,
                    MemorySegment.NULL));
  }
}
