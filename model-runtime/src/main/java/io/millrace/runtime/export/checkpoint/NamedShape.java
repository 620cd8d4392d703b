package io.millrace.runtime.export.checkpoint;

import io.millrace.runtime.export.checkpoint.RotaryEmbedding.Scaling;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Shapes of published models, from their {@code config.json}, and one small enough for tests. */
public enum NamedShape {
  TINY("tiny"),
  SMOLLM2_135M("smollm2-135m"),
  QWEN2_5_0_5B("qwen2.5-0.5b"),
  LLAMA_3_2_1B("llama-3.2-1b");

  private final String label;

  NamedShape(String label) {
    this.label = label;
  }

  /** What the command line calls it. */
  public String label() {
    return label;
  }

  public LlamaConfig config() {
    return switch (this) {
      case TINY ->
          new LlamaConfig(
              Architecture.LLAMA,
              64,
              160,
              2,
              4,
              2,
              16,
              512,
              2048,
              1e-5f,
              new RotaryEmbedding(10_000, new Scaling.None()),
              true,
              false,
              false);
      case SMOLLM2_135M ->
          new LlamaConfig(
              Architecture.LLAMA,
              576,
              1536,
              30,
              9,
              3,
              64,
              49_152,
              8192,
              1e-5f,
              new RotaryEmbedding(100_000, new Scaling.None()),
              true,
              false,
              false);
      case QWEN2_5_0_5B ->
          new LlamaConfig(
              Architecture.QWEN2,
              896,
              4864,
              24,
              14,
              2,
              64,
              151_936,
              32_768,
              1e-6f,
              new RotaryEmbedding(1_000_000, new Scaling.None()),
              true,
              true,
              false);
      case LLAMA_3_2_1B ->
          new LlamaConfig(
              Architecture.LLAMA,
              2048,
              8192,
              16,
              32,
              8,
              64,
              128_256,
              131_072,
              1e-5f,
              new RotaryEmbedding(500_000, new Scaling.Llama3(32, 1, 4, 8192)),
              true,
              false,
              false);
    };
  }

  /** Finds a shape by its label; case does not matter. */
  public static Optional<NamedShape> ofLabel(String label) {
    return Arrays.stream(values())
        .filter(shape -> shape.label.equals(label.toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
