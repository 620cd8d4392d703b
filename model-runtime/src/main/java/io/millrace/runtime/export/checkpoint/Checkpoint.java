package io.millrace.runtime.export.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** Weights, shape and tokenizer of a trained model. Not for use by several threads. */
public interface Checkpoint extends AutoCloseable {

  LlamaConfig config();

  SpecialTokens specialTokens();

  /**
   * Returns a weight matrix, readable until the checkpoint is closed.
   *
   * @param name its Hugging Face name, such as {@code model.layers.0.mlp.up_proj.weight}
   * @throws CheckpointException if it is missing or has another shape
   */
  Matrix matrix(String name, int rows, int columns);

  /**
   * Returns a weight vector, such as a bias.
   *
   * @throws CheckpointException if it is missing or has another length
   */
  float[] vector(String name, int length);

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and what belongs to them; no file
   * of another tokenizer is left there.
   */
  void writeTokenizer(Path directory) throws IOException;

  @Override
  void close();
}
