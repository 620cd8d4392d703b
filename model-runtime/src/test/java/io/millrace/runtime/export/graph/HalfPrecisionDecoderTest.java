package io.millrace.runtime.export.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The 16-bit precisions on CPU, where ONNX Runtime puts casts around what has no kernel. It has no
 * bfloat16 kernels there at all: of those graphs only the structure is tested.
 */
class HalfPrecisionDecoderTest {

  private static final int CAPACITY = 64;
  private static final int[] PROMPT = {65, 300, 7, 7, 411, 0, 258, 99, 140, 12, 500};

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fp16IsNearTheReference(boolean tied) throws Exception {
    LlamaConfig config = Shapes.odd(tied, true);
    try (DecoderRun exact = new DecoderRun(export(config, Precision.FP32), config, 1);
        PositionDecoderRun half = open(config, 1)) {
      float[] expected = exact.append(PROMPT);

      float[] logits = half.appendToAll(PROMPT)[0];

      assertThat(relativeDistance(logits, expected)).isBetween(1e-6, 1e-2);
    }
  }

  /** The wide ones round activations to 8 bits inside MatMulNBits, which moves logits by 2 %. */
  @ParameterizedTest
  @CsvSource({"INT8_WEIGHTS, INT8_WEIGHTS_FP16", "INT4, INT4_FP16"})
  void roundedWeightsAreTheSameWithFloatsOf16Bits(Precision wide, Precision half) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    try (DecoderRun exact = new DecoderRun(export(config, wide), config, 1);
        PositionDecoderRun run =
            new PositionDecoderRun(export(config, half), config, half, 1, CAPACITY)) {
      float[] expected = exact.append(PROMPT);

      assertThat(relativeDistance(run.appendToAll(PROMPT)[0], expected)).isBetween(1e-6, 3e-2);
    }
  }

  /** Or one that the reference finds as likely, but for the rounding of 11 bits. */
  @Test
  void fp16ChoosesTheSameTokensAsTheReference() throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    Path reference = export(config, Precision.FP32);
    Random random = new Random(5);
    int same = 0;
    try (PositionDecoderRun half = open(config, 1)) {
      for (int prompt = 0; prompt < 10; prompt++) {
        int[] next = random.ints(1 + random.nextInt(15), 0, 512).toArray();
        half.restart();
        try (DecoderRun exact = new DecoderRun(reference, config, 1)) {
          for (int step = 0; step < 12; step++) {
            float[] logits = exact.append(next);
            int chosen = PositionDecoderRun.likeliest(half.appendToAll(next)[0]);
            int expected = PositionDecoderRun.likeliest(logits);
            same += chosen == expected ? 1 : 0;
            assertThat(logits[expected] - logits[chosen]).isLessThan(5e-3f);
            next = new int[] {expected};
          }
        }
      }
    }
    assertThat(same).isGreaterThan(115);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void aPromptInChunksEqualsOneInOnePiece(int padding) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    try (PositionDecoderRun decoder = open(config, 3)) {
      float[] whole = decoder.append(0, 0, PROMPT)[0];

      decoder.append(1, padding, Arrays.copyOf(PROMPT, 4));
      float[] chunked = decoder.append(1, padding, Arrays.copyOfRange(PROMPT, 4, PROMPT.length))[0];
      float[] stepped = new float[0];
      for (int token : PROMPT) {
        stepped = decoder.append(2, 0, new int[] {token})[0];
      }

      assertThat(relativeDistance(chunked, whole)).isLessThan(5e-3);
      assertThat(relativeDistance(stepped, whole)).isLessThan(5e-3);
    }
  }

  @Test
  void rowsOfAnyLengthDecodeTogetherAsTheyDoAlone() throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    int[][] prompts = {{65, 300, 7}, PROMPT, {500}, {77, 78, 79, 80}};
    int[][] next = {{5}, {400}, {301}, {9}};
    try (PositionDecoderRun together = open(config, prompts.length);
        PositionDecoderRun alone = open(config, prompts.length)) {
      for (int row = 0; row < prompts.length; row++) {
        together.append(row, row, prompts[row]);
        alone.append(row, 0, prompts[row]);
      }
      float[][] decoded = together.appendToAll(next);
      for (int row = 0; row < prompts.length; row++) {
        assertThat(relativeDistance(decoded[row], alone.append(row, 0, next[row])[0]))
            .as("row " + row)
            .isLessThan(5e-3);
      }
    }
  }

  /** What a captured CUDA graph asks for: see {@link DecoderGraph}. */
  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_ALL, names = ".*16")
  void noValueCrossesBetweenHostAndGpu(Precision precision) throws IOException {
    OnnxFile graph = OnnxFile.read(export(NamedShape.TINY.config(), precision));

    assertThat(HostValues.crossings(graph)).isEmpty();
    assertThat(HostValues.of(graph)).contains("call/total_length");
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP16", "BF16"})
  void everyFloatHasTheHalfType(Precision precision) throws IOException {
    OnnxFile graph = OnnxFile.read(export(NamedShape.TINY.config(), precision));
    int half = OnnxFile.typeOf(precision);

    assertThat(graph.inputs())
        .containsEntry("input_ids", "7[batch, sequence]")
        .containsEntry("position_ids", "7[batch, sequence]")
        .containsEntry("past_key_values.1.value", half + "[batch, 2, capacity, 16]")
        .hasSize(6);
    assertThat(graph.outputs())
        .containsEntry("logits", half + "[batch, 1, 512]")
        .containsEntry("present.0.key", half + "[batch, 2, capacity, 16]")
        .hasSize(5);
    assertThat(graph.constants().values()).containsOnly(half, OnnxFile.INT64);
  }

  private PositionDecoderRun open(LlamaConfig config, int rows) throws IOException, OrtException {
    return new PositionDecoderRun(
        export(config, Precision.FP16), config, Precision.FP16, rows, CAPACITY);
  }

  private Path export(LlamaConfig config, Precision precision) throws IOException {
    Path model = directory.resolve(precision.label());
    try (Checkpoint checkpoint = new RandomCheckpoint(config, 3)) {
      ModelExporter.export(checkpoint, new ExportRequest(model, precision), ExportListener.SILENT);
    }
    return model;
  }

  private static double relativeDistance(float[] values, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < values.length; i++) {
      difference += Math.pow(values[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
