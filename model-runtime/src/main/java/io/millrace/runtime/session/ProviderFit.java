package io.millrace.runtime.session;

import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.GraphInputs;
import io.millrace.runtime.model.GraphOperators;
import io.millrace.runtime.model.ModelDirectory;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a provider can compute a model's attention, read from the graph's file before anything is
 * loaded. A provider leaves what it cannot to the CPU, cache and all: that would run, at a crawl.
 */
public final class ProviderFit {

  private static final String GROUP_QUERY_ATTENTION = "GroupQueryAttention";
  private static final String EXPORT = "make one with: millrace models export CHECKPOINT DIR ";

  private ProviderFit() {}

  /**
   * A model is not for a provider.
   *
   * @param reason what the provider lacks
   * @param remedy the command that makes a model for it
   */
  public record Misfit(ExecutionProvider provider, String reason, String remedy) {

    /** Which provider, why, and how to make what fits it. */
    @Override
    public String toString() {
      return "%s: %s; %s".formatted(provider.label(), reason, remedy);
    }
  }

  /**
   * Looks for what keeps a model off a provider.
   *
   * @throws io.millrace.runtime.model.ModelException if the graph's file cannot be read
   */
  public static Optional<Misfit> misfit(ModelDirectory model, ExecutionProvider provider) {
    return switch (provider) {
      case CPU -> onCpu(model);
      case CUDA -> onCuda(model);
      case TENSORRT -> onTensorRt(model);
    };
  }

  /** Neither ONNX Runtime nor Millrace has operators on bfloat16 there. */
  private static Optional<Misfit> onCpu(ModelDirectory model) {
    return OwnOperators.areIn(model.graphFile()) && cacheType(model) == FloatType.BFLOAT16
        ? Optional.of(
            new Misfit(
                ExecutionProvider.CPU,
                "it has no operators on bfloat16, which this model is made of",
                EXPORT + "--precision int8"))
        : Optional.empty();
  }

  private static @Nullable FloatType cacheType(ModelDirectory model) {
    var cache = TensorNames.ofLayer(model.config().names().pastKey(), 0);
    return GraphInputs.floatType(model.graphFile(), cache).orElse(null);
  }

  /**
   * The CUDA kernels of the operator are registered for {@code MLFloat16} and {@code BFloat16}
   * alone, in onnxruntime/contrib_ops/cuda/bert/group_query_attention.cc. Quantized models made for
   * CPU compute between their products in 32-bit floats, so this is about them too.
   */
  private static Optional<Misfit> onCuda(ModelDirectory model) {
    boolean isFloat32 = cacheType(model) == FloatType.FLOAT32;
    return hasGroupQueryAttention(model) && isFloat32
        ? Optional.of(
            new Misfit(
                ExecutionProvider.CUDA,
                GROUP_QUERY_ATTENTION
                    + " there takes float16 or bfloat16, and this model's cache is float32",
                EXPORT + "--precision fp16"))
        : Optional.empty();
  }

  /** Its parser takes operators of standard ONNX. */
  private static Optional<Misfit> onTensorRt(ModelDirectory model) {
    return hasGroupQueryAttention(model)
        ? Optional.of(
            new Misfit(
                ExecutionProvider.TENSORRT,
                "it has no " + GROUP_QUERY_ATTENTION + ", which this model is made of",
                EXPORT + "--layout standard --precision fp16"))
        : Optional.empty();
  }

  private static boolean hasGroupQueryAttention(ModelDirectory model) {
    return GraphOperators.count(model.graphFile()).containsKey(GROUP_QUERY_ATTENTION);
  }
}
