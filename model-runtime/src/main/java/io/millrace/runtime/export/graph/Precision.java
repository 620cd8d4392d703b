package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.onnx.FloatFormat;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How an exported model stores its matrices and multiplies with them. */
public enum Precision {
  /** 32-bit floats throughout: the reference. */
  FP32("fp32", FloatFormat.FLOAT32),
  /** 16-bit floats throughout, cache and logits included: for GPUs. */
  FP16("fp16", FloatFormat.FLOAT16),
  /** As {@link #FP16}, with the range of 32-bit floats and 8 bits of precision. */
  BF16("bf16", FloatFormat.BFLOAT16),
  /**
   * Weights int8, one scale per output feature; activations quantized per token at run time. The
   * fastest on CPU.
   */
  INT8("int8", FloatFormat.FLOAT32),
  /** Weights int8, one scale per 32 of them; activations are not rounded by the graph. */
  INT8_WEIGHTS("int8-weights", FloatFormat.FLOAT32),
  /** Weights int4, one scale per 32 of them: the smallest. */
  INT4("int4", FloatFormat.FLOAT32),
  /** The weights of {@link #INT8_WEIGHTS}, 16-bit floats for the rest: for GPUs. */
  INT8_WEIGHTS_FP16("int8-weights-fp16", FloatFormat.FLOAT16),
  /** The weights of {@link #INT4}, 16-bit floats for the rest: for GPUs, the smallest. */
  INT4_FP16("int4-fp16", FloatFormat.FLOAT16);

  private final String label;
  private final FloatFormat floats;

  Precision(String label, FloatFormat floats) {
    this.label = label;
    this.floats = floats;
  }

  /** What the command line calls it. */
  public String label() {
    return label;
  }

  /** The numbers between the products: activations, cache and logits. */
  public FloatFormat floats() {
    return floats;
  }

  /**
   * Whether the graph is told {@code position_ids} instead of an {@code attention_mask}: see {@link
   * DecoderGraph}.
   */
  public boolean positions() {
    return switch (this) {
      case FP16, BF16, INT8_WEIGHTS_FP16, INT4_FP16 -> true;
      case FP32, INT8, INT8_WEIGHTS, INT4 -> false;
    };
  }

  /** Whether weights are rounded in blocks of {@value BlockQuantizedMatrix#BLOCK}. */
  boolean isInBlocks() {
    return switch (this) {
      case INT8_WEIGHTS, INT4, INT8_WEIGHTS_FP16, INT4_FP16 -> true;
      case FP32, FP16, BF16, INT8 -> false;
    };
  }

  /** Finds a precision by its label; case does not matter. */
  public static Optional<Precision> ofLabel(String label) {
    return Arrays.stream(values())
        .filter(precision -> precision.label.equals(label.toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
