package io.millrace.runtime.export.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.Architecture;
import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.checkpoint.RotaryEmbedding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The precisions for CPU; {@link HalfPrecisionDecoderTest} has the others. */
class ExportedDecoderTest {

  private static final int[] PROMPT = {65, 300, 7, 7, 411, 0, 258, 99, 140, 12, 500};

  @TempDir Path directory;

  static Stream<Arguments> shapesAndPrecisions() {
    return Stream.of(
            Arguments.of("tied", shape(true, Architecture.LLAMA, false)),
            Arguments.of("untied", shape(false, Architecture.LLAMA, false)),
            Arguments.of("with biases", shape(true, Architecture.LLAMA, true)),
            Arguments.of("Qwen", shape(true, Architecture.QWEN2, false)))
        .flatMap(
            shape ->
                Stream.of(Precision.values())
                    .filter(precision -> !precision.positions())
                    .map(precision -> Arguments.of(shape.get()[0], shape.get()[1], precision)));
  }

  /**
   * The reference rounds as the precision does, so that what is left is the order of additions
   * (about 1e-6), and on another processor perhaps a value that falls on the other side of a
   * rounding edge. So the bound for rounded models is their distance from the exact one, and a
   * quarter of it.
   */
  @ParameterizedTest(name = "{0}, {2}")
  @MethodSource("shapesAndPrecisions")
  void computesTheLogitsOfTheDefinition(String name, LlamaConfig config, Precision precision)
      throws Exception {
    try (Checkpoint checkpoint = new RandomCheckpoint(config, 3);
        DecoderRun run = new DecoderRun(export(checkpoint, precision), config, 1)) {
      double[] exact = new ReferenceDecoder(checkpoint, Rounding.EXACT).logits(PROMPT);
      double[] rounded = new ReferenceDecoder(checkpoint, rounding(precision)).logits(PROMPT);
      double tolerance = precision == Precision.FP32 ? 1e-4 : largestDifference(exact, rounded) / 4;

      float[] logits = run.append(PROMPT);

      assertThat(largestDifference(wide(logits), rounded)).isLessThan(tolerance);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void decodingOnTheCacheEqualsOnePrefill(Precision precision) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    Path model = export(config, precision);
    try (DecoderRun whole = new DecoderRun(model, config, 1);
        DecoderRun chunked = new DecoderRun(model, config, 1);
        DecoderRun stepped = new DecoderRun(model, config, 1)) {
      float[] expected = whole.append(PROMPT);

      chunked.append(65, 300, 7, 7);
      float[] inChunks = chunked.append(411, 0, 258, 99, 140, 12, 500);
      float[] inSteps = new float[0];
      for (int token : PROMPT) {
        inSteps = stepped.append(token);
      }

      assertThat(inChunks).containsExactly(expected, within(precision));
      assertThat(inSteps).containsExactly(expected, within(precision));
    }
  }

  /** A row that is alone is another matter: see {@code BitIdentityTest}. */
  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void aRowDoesNotDependOnThoseBesideItBitForBit(Precision precision) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    Path model = export(config, precision);
    int[][] prompts = {{65, 300, 7}, {8, 9, 10, 11, 12, 13}, {500}, {77, 78, 79, 80}};
    int[][] next = {{5}, {400}, {301}, {9}};
    try (DecoderRun together = new DecoderRun(model, config, prompts.length)) {
      float[][] prefilled = together.append(prompts);
      float[][] decoded = together.append(next);

      for (int row = 0; row < prompts.length; row++) {
        try (DecoderRun beside = new DecoderRun(model, config, 2)) {
          assertThat(prefilled[row])
              .as("prefill of row " + row)
              .isEqualTo(beside.append(new int[][] {prompts[row], {1}})[0]);
          assertThat(decoded[row])
              .as("decode of row " + row)
              .isEqualTo(beside.append(new int[][] {next[row], {2}})[0]);
        }
      }
    }
  }

  /** Token 7 has no features at all: its scale is zero where activations are rounded. */
  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void aTokenOfZerosGivesZerosAndLeavesItsNeighboursAlone(Precision precision) throws Exception {
    LlamaConfig config = NamedShape.TINY.config();
    try (Checkpoint checkpoint = new ZeroTokenCheckpoint(new RandomCheckpoint(config, 3), 7)) {
      Path model = export(checkpoint, precision);
      try (DecoderRun together = new DecoderRun(model, config, 2);
          DecoderRun beside = new DecoderRun(model, config, 2)) {
        float[][] logits = together.append(new int[][] {{7}, {65}});

        for (float logit : logits[0]) {
          assertThat(Math.abs(logit)).isZero();
        }
        assertThat(logits[1]).isEqualTo(beside.append(new int[][] {{300}, {65}})[1]);
      }
    }
  }

  private Path export(LlamaConfig config, Precision precision) throws IOException {
    return export(new RandomCheckpoint(config, 3), precision);
  }

  private Path export(Checkpoint checkpoint, Precision precision) throws IOException {
    Path model = directory.resolve(precision.label());
    ModelExporter.export(checkpoint, new ExportRequest(model, precision), ExportListener.SILENT);
    return model;
  }

  private static double largestDifference(double[] logits, double[] others) {
    double largest = 0;
    for (int i = 0; i < logits.length; i++) {
      largest = Math.max(largest, Math.abs(logits[i] - others[i]));
    }
    return largest;
  }

  private static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static Offset<Float> within(Precision precision) {
    return Offset.offset(precision == Precision.FP32 ? 1e-5f : 0.03f);
  }

  private static Rounding rounding(Precision precision) {
    return switch (precision) {
      case FP32 -> Rounding.EXACT;
      case INT8 -> Rounding.PER_TOKEN_INT8;
      case INT8_WEIGHTS -> Rounding.blocks(8);
      case INT4 -> Rounding.blocks(4);
      case FP16, BF16, INT8_WEIGHTS_FP16, INT4_FP16 -> throw new AssertionError(precision);
    };
  }

  /** An inner size that is no multiple of 32, three heads per key head, scaled rotations. */
  private static LlamaConfig shape(boolean tied, Architecture architecture, boolean biases) {
    RotaryEmbedding rotaryEmbedding =
        new RotaryEmbedding(10_000, new RotaryEmbedding.Scaling.Llama3(8, 1, 4, 16));
    return new LlamaConfig(
        architecture,
        96,
        88,
        3,
        6,
        2,
        16,
        520,
        64,
        1e-5f,
        rotaryEmbedding,
        tied,
        biases || architecture == Architecture.QWEN2,
        biases);
  }
}
