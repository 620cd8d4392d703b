package io.millrace.runtime.export.graph;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The operators that a decoder is made of. */
public enum Layout {
  /** GroupQueryAttention and other operators of ONNX Runtime's own: fastest on CPU and CUDA. */
  GROUP_QUERY("gqa"),
  /**
   * GroupQueryAttention, and Millrace's own operators for the products with what stands around
   * them: fastest on CUDA. Other programs cannot load it.
   */
  FUSED("fused"),
  /** Standard ONNX alone, opset 24, with caches of a fixed capacity: TensorRT takes it whole. */
  STANDARD("standard");

  private final String label;

  Layout(String label) {
    this.label = label;
  }

  /** What the command line calls it. */
  public String label() {
    return label;
  }

  /** Finds a layout by its label; case does not matter. */
  public static Optional<Layout> ofLabel(String label) {
    return Arrays.stream(values())
        .filter(layout -> layout.label.equals(label.toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
