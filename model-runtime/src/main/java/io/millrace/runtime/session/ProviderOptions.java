package io.millrace.runtime.session;

import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The options that execution providers are given, under <a
 * href="https://onnxruntime.ai/docs/execution-providers/TensorRT-ExecutionProvider.html">their
 * names</a>.
 */
final class ProviderOptions {

  /** Enough of a model's hash to tell models apart. */
  private static final int HASH_LENGTH = 16;

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
   * Of the TensorRT provider.
   *
   * <p>None of them names a precision: the provider then makes a strongly typed network, in which
   * every tensor has the type that the graph says. TensorRT 10.15 takes {@code Attention} and
   * {@code TensorScatter} in no other.
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
    var profile = TensorRtProfile.of(model, settings);
    options.put("trt_profile_min_shapes", profile.least());
    options.put("trt_profile_opt_shapes", profile.best());
    options.put("trt_profile_max_shapes", profile.most());
    return options;
  }

  /**
   * Where TensorRT's engines for a model are kept. The provider adds to their names its own
   * version, TensorRT's and the GPU's.
   */
  static Path engineCache(ModelDirectory model, ProviderSettings settings) {
    return settings
        .engineCache()
        .orElseGet(() -> model.path().resolve("tensorrt"))
        .resolve(model.hash().substring(0, HASH_LENGTH));
  }
}
