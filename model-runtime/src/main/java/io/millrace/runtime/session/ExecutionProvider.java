package io.millrace.runtime.session;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What ONNX Runtime computes a model with. */
public enum ExecutionProvider {
  TENSORRT,
  CUDA,
  CPU;

  /** What configuration, command line and usage records call it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Finds a provider by its label; case does not matter. */
  public static Optional<ExecutionProvider> ofLabel(String label) {
    return Arrays.stream(values())
        .filter(provider -> provider.label().equals(label.toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
