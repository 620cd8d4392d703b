package io.millrace.runtime.export.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.onnxruntime.OrtException;
import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@link Layout#STANDARD} on CPU. Compares 40 prompts with the other layout; more with {@code
 * -Dmillrace.layout.prompts=1000}. There are no bfloat16 kernels on CPU, so of those graphs only
 * the structure is tested.
 */
class StandardDecoderTest {

  private static final int PROMPTS = Integer.getInteger("millrace.layout.prompts", 40);
  private static final int CAPACITY = 32;
  private static final int[] PROMPT = {65, 300, 7, 7, 411, 0, 258, 99, 140, 12, 500};

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, true"})
  void computesTheLogitsOfTheDefinition(boolean tied, boolean biases) throws Exception {
    LlamaConfig config = Shapes.odd(tied, biases);
    try (Checkpoint checkpoint = new RandomCheckpoint(config, 3);
        PositionDecoderRun decoder = open(config, Precision.FP32, 1)) {
      double[] expected = new ReferenceDecoder(checkpoint, Rounding.EXACT).logits(PROMPT);

      float[] logits = decoder.appendToAll(PROMPT)[0];

      for (int i = 0; i < expected.length; i++) {
        assertThat((double) logits[i]).isCloseTo(expected[i], Offset.offset(1e-4));
      }
    }
  }

  @Test
  void choosesTheSameTokensAsGroupQueryAttention() throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    Path other = directory.resolve("gqa");
    export(config, new ExportRequest(other, Precision.FP32));
    Random random = new Random(11);
    List<Integer> different = new ArrayList<>();
    try (PositionDecoderRun standard = open(config, Precision.FP32, 1);
        DecoderRun groupQuery = new DecoderRun(other, config, 1)) {
      for (int prompt = 0; prompt < PROMPTS; prompt++) {
        int[] tokens = random.ints(1 + random.nextInt(20), 0, 512).toArray();
        standard.restart();
        groupQuery.restart();
        if (!standard.greedy(tokens, 12).equals(groupQuery.greedy(tokens, 12))) {
          different.add(prompt);
        }
      }
    }
    assertThat(different).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "FP16"})
  void aPromptInChunksEqualsOneInOnePiece(Precision precision) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    try (PositionDecoderRun decoder = open(config, precision, 3)) {
      float[] whole = decoder.append(0, 0, PROMPT)[0];

      decoder.append(1, 3, Arrays.copyOf(PROMPT, 4));
      float[] chunked = decoder.append(1, 2, Arrays.copyOfRange(PROMPT, 4, PROMPT.length))[0];
      float[] stepped = new float[0];
      for (int token : PROMPT) {
        stepped = decoder.append(2, 0, new int[] {token})[0];
      }

      assertThat(chunked).containsExactly(whole, tolerance(precision));
      assertThat(stepped).containsExactly(whole, tolerance(precision));
    }
  }

  /**
   * Prefill without and with a past, then a decode step, in caches where others left their keys.
   */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "FP16"})
  void rowsOfAnyLengthShareAnyCall(Precision precision) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    int[][][] calls = {
      {{65, 300, 7}, {8, 9, 10, 11, 12, 13}, {500}, {77, 78, 79, 80}},
      {{5, 6, 7, 8, 9}, {400}, {301, 302}, {9, 10, 11}},
      {{1}, {2}, {3}, {4}}
    };
    int rows = calls[0].length;
    try (PositionDecoderRun together = open(config, precision, rows);
        PositionDecoderRun alone = open(config, precision, rows)) {
      for (int row = 0; row < rows; row++) {
        together.append(row, 0, new Random(row).ints(CAPACITY, 0, 512).toArray());
      }
      together.restart();
      for (int[][] call : calls) {
        float[][] logits = together.appendToAll(call);
        for (int row = 0; row < rows; row++) {
          assertThat(logits[row])
              .as("row %d of %d tokens", row, call[row].length)
              .containsExactly(alone.append(row, 0, call[row])[0], tolerance(precision));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "FP16", "BF16"})
  void hasStandardOperatorsAloneAndIsDynamicInBatchAndSequenceOnly(Precision precision)
      throws IOException {
    OnnxFile graph = OnnxFile.read(export(NamedShape.TINY.config(), precision));
    int type = OnnxFile.typeOf(precision);

    assertThat(graph.nodes()).allMatch(node -> node.domain().isEmpty());
    assertThat(graph.opsets()).isEqualTo(Map.of("", 24L));
    assertThat(graph.irVersion()).isEqualTo(12);
    assertThat(graph.inputs())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "input_ids", "7[batch, sequence]",
                "position_ids", "7[batch, sequence]",
                "past_key_values.0.key", type + "[batch, 2, 32, 16]",
                "past_key_values.0.value", type + "[batch, 2, 32, 16]",
                "past_key_values.1.key", type + "[batch, 2, 32, 16]",
                "past_key_values.1.value", type + "[batch, 2, 32, 16]"));
    assertThat(graph.outputs())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "logits", type + "[batch, 1, 512]",
                "present.0.key", type + "[batch, 2, 32, 16]",
                "present.0.value", type + "[batch, 2, 32, 16]",
                "present.1.key", type + "[batch, 2, 32, 16]",
                "present.1.value", type + "[batch, 2, 32, 16]"));
  }

  /** What TensorRT's parser asks of the two: see {@link StandardAttention}. */
  @Test
  void attentionReadsWhatTensorScatterMadeOfTheInputs() throws IOException {
    OnnxFile graph = OnnxFile.read(export(NamedShape.TINY.config(), Precision.FP16));

    assertThat(graph.nodes()).noneMatch(node -> node.operator().equals("Shape"));
    assertThat(HostValues.crossings(graph)).isEmpty();
    assertThat(nodes(graph, "TensorScatter"))
        .hasSize(4)
        .allSatisfy(
            node -> {
              assertThat(graph.inputs()).containsKey(node.inputs().getFirst());
              assertThat(graph.outputs()).containsKey(node.outputs().getFirst());
              assertThat(node.inputs().getFirst())
                  .isEqualTo(
                      node.outputs()
                          .getFirst()
                          .replaceFirst(Pattern.quote("present"), "past_key_values"));
            });
    assertThat(nodes(graph, "Attention"))
        .hasSize(2)
        .allSatisfy(
            node -> {
              assertThat(node.outputs()).hasSize(1);
              assertThat(node.inputs()).hasSize(4);
              assertThat(graph.outputs()).containsKeys(node.inputs().get(1), node.inputs().get(2));
            });
  }

  @Test
  void refusesWhatItCannotHave() {
    LlamaConfig config = NamedShape.TINY.config();

    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> export(config, Precision.INT8))
        .withMessage("the layout standard has no precision int8; choose fp32, fp16 or bf16");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> export(config, request(Precision.FP32, Layout.STANDARD, 2049)))
        .withMessage("capacity 2049 is not between 1 and the context length 2048");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> export(config, request(Precision.FP32, Layout.GROUP_QUERY, 32)))
        .withMessage("a fixed capacity needs the layout standard");
  }

  private PositionDecoderRun open(LlamaConfig config, Precision precision, int rows)
      throws IOException, OrtException {
    return new PositionDecoderRun(export(config, precision), config, precision, rows, CAPACITY);
  }

  private Path export(LlamaConfig config, Precision precision) throws IOException {
    return export(config, request(precision, Layout.STANDARD, CAPACITY));
  }

  private ExportRequest request(Precision precision, Layout layout, int capacity) {
    return new ExportRequest(
        directory.resolve(precision.label()),
        precision,
        OptionalInt.empty(),
        layout,
        OptionalInt.of(capacity));
  }

  private static Path export(LlamaConfig config, ExportRequest request) throws IOException {
    try (Checkpoint checkpoint = new RandomCheckpoint(config, 3)) {
      ModelExporter.export(checkpoint, request, ExportListener.SILENT);
    }
    return request.output();
  }

  private static List<OnnxFile.Node> nodes(OnnxFile graph, String operator) {
    return graph.nodes().stream().filter(node -> node.operator().equals(operator)).toList();
  }

  private static Offset<Float> tolerance(Precision precision) {
    return Offset.offset(precision == Precision.FP32 ? 1e-5f : 0.02f);
  }
}
