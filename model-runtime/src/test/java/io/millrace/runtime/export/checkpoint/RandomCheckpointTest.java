package io.millrace.runtime.export.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomCheckpointTest {

  private static final LlamaConfig TINY = NamedShape.TINY.config();

  @TempDir Path directory;

  @Test
  void weightsDependOnSeedNameAndRowAlone() {
    float[] weights = row(new RandomCheckpoint(TINY, 1), "a", 5);

    assertThat(row(new RandomCheckpoint(TINY, 1), "a", 5)).isEqualTo(weights);
    assertThat(row(new RandomCheckpoint(TINY, 2), "a", 5)).isNotEqualTo(weights);
    assertThat(row(new RandomCheckpoint(TINY, 1), "b", 5)).isNotEqualTo(weights);
    assertThat(row(new RandomCheckpoint(TINY, 1), "a", 6)).isNotEqualTo(weights);
  }

  @Test
  void aRowOfWeightsHasTheNormOne() {
    double squares = 0;
    for (float weight : row(new RandomCheckpoint(TINY, 1), "a", 0)) {
      squares += weight * weight;
    }
    assertThat(squares).isCloseTo(1, within(0.1));
  }

  @Test
  void normsAreNearOneAndBiasesNearZero() {
    RandomCheckpoint checkpoint = new RandomCheckpoint(TINY, 1);

    assertThat(checkpoint.vector("model.norm.weight", 8)[3]).isCloseTo(1, within(0.1f));
    assertThat(checkpoint.vector("q_proj.bias", 8)[3]).isCloseTo(0, within(0.1f));
  }

  @ParameterizedTest
  @EnumSource(names = {"TINY", "SMOLLM2_135M"})
  void theTokenizerMakesTextOfEveryTokenAndBytesOfEveryText(NamedShape shape) throws IOException {
    new RandomCheckpoint(shape.config(), 1).writeTokenizer(directory);
    String text = "Où est ma commande n° 4711 ?\n日本 🚚";

    try (Tokenizer tokenizer = Tokenizer.load(directory.resolve("tokenizer.json"))) {
      int[] tokens = tokenizer.encode(text, true);

      assertThat(tokens).hasSize(text.getBytes(StandardCharsets.UTF_8).length);
      assertThat(tokenizer.decode(tokens)).isEqualTo(text);
      assertThat(tokenizer.encode("<|im_end|>", true)).containsExactly(ByteTokenizer.MESSAGE_END);
      int last = shape.config().vocabularySize() - 1;
      assertThat(tokenizer.decode(new int[] {last})).matches(" ?[a-z]{3,}");
    }
  }

  @Test
  void refusesAVocabularyThatDoesNotHoldTheBytes() {
    LlamaConfig small =
        new LlamaConfig(
            Architecture.LLAMA,
            16,
            16,
            1,
            1,
            1,
            16,
            200,
            16,
            1e-5f,
            TINY.rotaryEmbedding(),
            true,
            false,
            false);

    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> new RandomCheckpoint(small, 1))
        .withMessage("the vocabulary needs at least 259 ids");
  }

  private static float[] row(Checkpoint checkpoint, String name, int row) {
    float[] weights = new float[1000];
    checkpoint.matrix(name, 10, weights.length).readRow(row, weights);
    return weights;
  }
}
