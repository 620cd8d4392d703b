package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Architecture;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.RotaryEmbedding;

/** Models that no two sizes of are alike. */
final class Shapes {

  private Shapes() {}

  /** An inner size that is no multiple of 32, three heads per key head, scaled rotations. */
  static LlamaConfig odd(boolean tied, boolean biases) {
    return new LlamaConfig(
        Architecture.LLAMA,
        80,
        88,
        3,
        6,
        2,
        16,
        520,
        64,
        1e-5f,
        new RotaryEmbedding(10_000, new RotaryEmbedding.Scaling.Llama3(8, 1, 4, 16)),
        tied,
        biases,
        biases);
  }
}
