package io.millrace.runtime.export.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * A model of random weights: useless to talk to, as fast and as large as a trained one.
 *
 * <p>The weights are uniform with the variance {@code 1 / columns}, which keeps activations at the
 * scale that the norms give them. Every row depends on the seed, the tensor's name and its number
 * alone.
 */
public final class RandomCheckpoint implements Checkpoint {

  /** Half the width of a uniform distribution with variance 1. */
  private static final double UNIT_VARIANCE = Math.sqrt(3);

  private static final float NORM_SPREAD = 0.1f;

  private final LlamaConfig config;
  private final long seed;

  /**
   * @throws CheckpointException if the vocabulary has no room for the bytes and special tokens
   */
  public RandomCheckpoint(LlamaConfig config, long seed) {
    if (config.vocabularySize() < ByteTokenizer.SMALLEST_VOCABULARY) {
      throw new CheckpointException(
          "the vocabulary needs at least %d ids".formatted(ByteTokenizer.SMALLEST_VOCABULARY));
    }
    this.config = config;
    this.seed = seed;
  }

  @Override
  public LlamaConfig config() {
    return config;
  }

  @Override
  public SpecialTokens specialTokens() {
    return new SpecialTokens(
        OptionalInt.empty(), List.of(ByteTokenizer.MESSAGE_END), ByteTokenizer.END_OF_TEXT);
  }

  @Override
  public Matrix matrix(String name, int rows, int columns) {
    return new RandomMatrix(seed ^ ((long) name.hashCode() << 32), rows, columns);
  }

  @Override
  public float[] vector(String name, int length) {
    boolean isBias = name.endsWith(".bias");
    float[] vector = new float[length];
    SplittableRandom random = new SplittableRandom(seed ^ ((long) name.hashCode() << 32));
    for (int i = 0; i < length; i++) {
      float spread = NORM_SPREAD * (2 * random.nextFloat() - 1);
      vector[i] = isBias ? spread : 1 + spread;
    }
    return vector;
  }

  @Override
  public void writeTokenizer(Path directory) throws IOException {
    // It would go before the one in tokenizer_config.json.
    Files.deleteIfExists(directory.resolve("chat_template.jinja"));
    ByteTokenizer.write(directory, config.vocabularySize(), config.contextLength());
  }

  @Override
  public void close() {
    // Holds nothing.
  }

  private record RandomMatrix(long seed, int rows, int columns) implements Matrix {

    @Override
    public void readRow(int row, float[] target) {
      SplittableRandom random = new SplittableRandom(seed + row);
      float scale = (float) (UNIT_VARIANCE / Math.sqrt(columns));
      for (int i = 0; i < columns; i++) {
        target[i] = scale * (2 * random.nextFloat() - 1);
      }
    }
  }
}
