package io.millrace.runtime.session;

import io.millrace.runtime.model.GenAiConfig;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options that execution providers are given, under <a
 * href="https://onnxruntime.ai/docs/execution-providers/TensorRT-ExecutionProvider.html">their
 * names</a>.
 */
final class ProviderOptions {

  private ProviderOptions() {}

  /**
   * Of the CUDA provider.
   *
   * @param capture whether runs are recorded and replayed as CUDA graphs
   */
  static Map<String, String> cuda(ProviderSettings settings, boolean capture) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("device_id", Integer.toString(settings.device()));
    options.put("enable_cuda_graph", capture ? "1" : "0");
    // Memory is taken as it is needed, not in powers of two: most of it is the cache's.
    options.put("arena_extend_strategy", "kSameAsRequested");
    // 32-bit floats mean 32-bit floats.
    options.put("use_tf32", "0");
    return options;
  }

  /**
   * Of the TensorRT provider. One profile covers every shape of a step: batch 1 to slots, and 1 to
   * prefill chunk tokens; so that nothing is ever built while prompts wait.
   */
  static Map<String, String> tensorrt(ModelDirectory model, SessionSettings settings) {
    Map<String, String> options = new LinkedHashMap<>();
    var cache = engineCache(model, settings.provider()).toString();
    options.put("device_id", Integer.toString(settings.provider().device()));
    options.put("trt_engine_cache_enable", "1");
    options.put("trt_engine_cache_path", cache);
    options.put("trt_timing_cache_enable", "1");
    options.put("trt_timing_cache_path", cache);
    options.put("trt_context_memory_sharing_enable", "1");
    options.put("trt_profile_min_shapes", shapes(model.config(), settings, 1, 1));
    options.put("trt_profile_opt_shapes", shapes(model.config(), settings, settings.slots(), 1));
    options.put(
        "trt_profile_max_shapes",
        shapes(model.config(), settings, settings.slots(), settings.prefillChunk()));
    return options;
  }

  /** Where TensorRT's engines for a model are kept. */
  static Path engineCache(ModelDirectory model, ProviderSettings settings) {
    return settings
        .engineCache()
        .orElseGet(() -> model.path().resolve("tensorrt"))
        .resolve(model.hash().substring(0, 16));
  }

  private static String shapes(
      GenAiConfig config, SessionSettings settings, int batch, int positions) {
    List<String> shapes = new ArrayList<>();
    var names = config.names();
    shapes.add("%s:%dx%d".formatted(names.inputIds(), batch, positions));
    names.positionIds().ifPresent(name -> shapes.add("%s:%dx%d".formatted(name, batch, positions)));
    var cache =
        "%dx%dx%dx%d"
            .formatted(batch, config.keyValueHeads(), settings.capacity(), config.headSize());
    for (int layer = 0; layer < config.layers(); layer++) {
      shapes.add(TensorNames.ofLayer(names.pastKey(), layer) + ":" + cache);
      shapes.add(TensorNames.ofLayer(names.pastValue(), layer) + ":" + cache);
    }
    return String.join(",", shapes);
  }
}
