package io.millrace.runtime.device;

import java.util.Optional;

/**
 * An NVIDIA GPU of this machine.
 *
 * @param number as CUDA counts the visible ones
 * @param memoryBytes all that it has
 */
public record Gpu(int number, String name, long memoryBytes) {

  /** Whether there are the libraries that say which GPUs there are. */
  public static boolean canBeFound() {
    return NvidiaLibrary.DRIVER.lookUp().isPresent() && NvidiaLibrary.RUNTIME.lookUp().isPresent();
  }

  /**
   * Asks the driver; takes no memory of the GPU.
   *
   * @return empty if there are GPUs, but fewer
   * @throws CudaException if there is no driver, no CUDA runtime or no GPU at all; the message says
   *     which
   */
  public static Optional<Gpu> find(int number) {
    var cuda = new CudaRuntime();
    return number < cuda.deviceCount()
        ? Optional.of(new Gpu(number, cuda.deviceName(number), cuda.deviceBytes(number)))
        : Optional.empty();
  }

  /** Its name and memory. */
  public String describe() {
    return "%s, %.0f GiB".formatted(name, memoryBytes / (double) (1L << 30));
  }
}
