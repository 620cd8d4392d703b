package io.millrace.runtime.bench;

import io.millrace.runtime.device.CudaDevice;
import io.millrace.runtime.device.CudaException;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.ProviderSettings;
import java.util.Optional;

/**
 * How fast a GPU could decode if it did nothing but read what a step must read: all weights, and
 * the cache of every row.
 *
 * @param bytesPerSecond read and written, in a copy within the GPU's memory
 * @param weightBytes of the model
 * @param cacheBytesPerToken of all layers
 */
record BandwidthLimit(double bytesPerSecond, long weightBytes, long cacheBytesPerToken) {

  /**
   * Measures a copy; empty where there is no GPU, or none is meant.
   *
   * @param cacheElementBytes of one number in the cache
   */
  static Optional<BandwidthLimit> measure(
      ModelDirectory model, ProviderSettings provider, int cacheElementBytes) {
    if (provider.isCpuAlone()) {
      return Optional.empty();
    }
    var config = model.config();
    long perToken =
        2L * config.layers() * config.keyValueHeads() * config.headSize() * cacheElementBytes;
    try (var device = new CudaDevice(provider.device())) {
      return Optional.of(
          new BandwidthLimit(device.measureBandwidth(), model.weightBytes(), perToken));
    } catch (CudaException noGpu) {
      return Optional.empty();
    }
  }

  /**
   * Of all rows together.
   *
   * @param length tokens of each row, on average over the steps
   */
  double tokensPerSecond(int rows, double length) {
    return rows * bytesPerSecond / (weightBytes + rows * length * cacheBytesPerToken);
  }
}
