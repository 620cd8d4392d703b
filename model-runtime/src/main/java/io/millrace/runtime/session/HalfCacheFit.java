package io.millrace.runtime.session;

import io.millrace.runtime.attention.CachedAttention;
import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.GraphInputs;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.model.PlainAttention;
import java.util.List;
import java.util.OptionalLong;

/** Says whether a model's keys and values can be kept in half precision on the CPU. */
final class HalfCacheFit {

  private static final String WANTED = "a KV cache of float16 on the CPU needs ";

  private static final List<OptionalLong> NO_SHAPE = List.of(OptionalLong.empty());

  private HalfCacheFit() {}

  /**
   * The size of the model's heads.
   *
   * @throws ModelException if they cannot; the message says why
   */
  static int headSize(ModelDirectory model) {
    if (!CachedAttention.isUsable()) {
      throw new ModelException(
          WANTED
              + "a processor with vectors of 256 bits, and the Java option --add-modules"
              + " jdk.incubator.vector (MILLRACE_JAVA_OPTS)");
    }
    var graph = model.graphFile();
    var cache = TensorNames.ofLayer(model.config().names().pastKey(), 0);
    if (GraphInputs.floatType(graph, cache).filter(FloatType.FLOAT32::equals).isEmpty()
        || !PlainAttention.isAllOf(graph)) {
      throw new ModelException(
          graph + ": " + WANTED + "plain GroupQueryAttention over 32-bit floats in every layer");
    }
    int size = (int) GraphInputs.shapes(graph).getOrDefault(cache, NO_SHAPE).getLast().orElse(0);
    if (size == 0 || !CachedAttention.supports(size)) {
      throw new ModelException(graph + ": " + WANTED + "heads of a size that is a multiple of 16");
    }
    return size;
  }
}
