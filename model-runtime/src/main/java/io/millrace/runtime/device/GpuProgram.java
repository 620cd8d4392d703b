package io.millrace.runtime.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A program for GPUs in PTX, which the driver compiles for the device of the calling thread. */
final class GpuProgram implements AutoCloseable {

  private final CudaRuntime cuda;
  private final MemorySegment module;

  /**
   * Compiles a program.
   *
   * @param name of the resource beside this class
   * @throws CudaException if the driver does not take it
   */
  GpuProgram(CudaRuntime cuda, String name) {
    this.cuda = cuda;
    try (var arena = Arena.ofConfined()) {
      module = cuda.loadModule(arena.allocateFrom(source(name)));
    }
  }

  private static String source(String name) {
    try (var stream = GpuProgram.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(name + " is missing from the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A function of the program, to be launched. */
  MemorySegment function(String name) {
    return cuda.function(module, name);
  }

  @Override
  public void close() {
    cuda.unloadModule(module);
  }
}
