package io.millrace.runtime.export.graph;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How an exported model stores its matrices and multiplies with them. */
public enum Precision {
  /** 32-bit floats throughout: the reference. */
  FP32("fp32"),
  /**
   * Weights int8, one scale per output feature; activations quantized per token at run time. The
   * fastest on CPU.
   */
  INT8("int8"),
  /** Weights int8, one scale per 32 of them; activations are not rounded by the graph. */
  INT8_WEIGHTS("int8-weights"),
  /** Weights int4, one scale per 32 of them: the smallest. */
  INT4("int4");

  private final String label;

  Precision(String label) {
    this.label = label;
  }

  /** What the command line calls it. */
  public String label() {
    return label;
  }

  /** Finds a precision by its label; case does not matter. */
  public static Optional<Precision> ofLabel(String label) {
    return Arrays.stream(values())
        .filter(precision -> precision.label.equals(label.toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
