package io.millrace.runtime.bench;

import ai.onnxruntime.OrtException;

/** The least that generates greedily with a model: what an engine is measured against. */
interface Yardstick extends AutoCloseable {

  /** Prefills every row with as many tokens as each prompt has; returns the nanoseconds it took. */
  long prefill(int[][] prompts) throws OrtException;

  /** Decodes all rows, which have {@code length} tokens; returns the nanoseconds it took. */
  long decode(int length, int steps) throws OrtException;

  @Override
  void close() throws OrtException;
}
