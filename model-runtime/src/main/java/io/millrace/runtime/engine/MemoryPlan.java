package io.millrace.runtime.engine;

import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.Decoder;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * The large parts of the memory that an engine may come to use, in bytes. Native memory is taken
 * from the system only as it is touched, so too much would show late, as the system's killing of
 * the process; therefore it is added up first. Not counted: what ONNX Runtime uses within a step.
 *
 * @param weights of the model, as they are in its files
 * @param keyValueCache of all slots, filled
 * @param prefixCache filled
 * @param stores of the process, beside the engine
 * @param heap the most that Java takes for its objects
 */
record MemoryPlan(long weights, long keyValueCache, long prefixCache, long stores, long heap) {

  /** What is known before the model is loaded: all but its cache. */
  static MemoryPlan before(ModelDirectory model, EngineSettings settings) {
    return new MemoryPlan(
        model.weightBytes(),
        0,
        settings.prefixCacheBytes(),
        settings.storeBytes(),
        Runtime.getRuntime().maxMemory());
  }

  static MemoryPlan of(ModelDirectory model, Decoder decoder, EngineSettings settings) {
    return new MemoryPlan(
        model.weightBytes(),
        decoder.cacheBytes(),
        settings.prefixCacheBytes(),
        settings.storeBytes(),
        Runtime.getRuntime().maxMemory());
  }

  /** Of this machine, or of the container that this process runs in. */
  static long machineBytes() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return system instanceof com.sun.management.OperatingSystemMXBean known
        ? known.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /**
   * @throws ModelException if the machine has less; the message says what each part takes
   */
  void check(long machineBytes) {
    if (total() > machineBytes) {
      throw new ModelException(
          "not enough memory: %s, and the machine has %s; lower the slots, their capacity, the"
                  .formatted(this, mebibytes(machineBytes))
              + " prefix cache, the stores' memory or the Java heap (-Xmx)");
    }
  }

  long total() {
    return weights + keyValueCache + prefixCache + stores + heap;
  }

  @Override
  public String toString() {
    return "weights %s + KV cache %s + prefix cache %s + stores %s + Java heap %s = %s"
        .formatted(
            mebibytes(weights),
            mebibytes(keyValueCache),
            mebibytes(prefixCache),
            mebibytes(stores),
            mebibytes(heap),
            mebibytes(total()));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
