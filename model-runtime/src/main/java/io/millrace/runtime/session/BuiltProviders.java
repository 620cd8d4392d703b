package io.millrace.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which execution providers the ONNX Runtime of this process was built with. */
final class BuiltProviders {

  private BuiltProviders() {}

  /** Says why a provider can be no option in this build; empty if it may be one. */
  static Optional<String> absence(ExecutionProvider provider) {
    return contain(provider)
        ? Optional.empty()
        : Optional.of("this ONNX Runtime was built without it; it has " + labels());
  }

  private static boolean contain(ExecutionProvider provider) {
    // Providers are loaded into it, and cannot before it is there.
    var _ = OnnxRuntime.environment();
    return OrtEnvironment.getAvailableProviders().contains(nativeName(provider));
  }

  /** Those that Millrace knows. */
  private static String labels() {
    return Arrays.stream(ExecutionProvider.values())
        .filter(BuiltProviders::contain)
        .map(ExecutionProvider::label)
        .collect(Collectors.joining(", "));
  }

  private static OrtProvider nativeName(ExecutionProvider provider) {
    return switch (provider) {
      case TENSORRT -> OrtProvider.TENSOR_RT;
      case CUDA -> OrtProvider.CUDA;
      case CPU -> OrtProvider.CPU;
    };
  }
}
