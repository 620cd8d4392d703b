package io.millrace.runtime.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.millrace.runtime.session.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxGraphTest {

  private static final int SIZE = 500;

  @TempDir Path directory;

  @Test
  void onnxRuntimeRunsAGraphThatHoldsItsWeights() throws Exception {
    addTwo(null).writeTo(directory.resolve("model.onnx"));

    assertThat(run()).containsOnly(3f).hasSize(SIZE);
  }

  @Test
  void onnxRuntimeRunsAGraphWithAWeightFile() throws Exception {
    try (WeightFile weights = new WeightFile(directory.resolve("model.onnx.data"))) {
      addTwo(weights).writeTo(directory.resolve("model.onnx"));
    }

    assertThat(run()).containsOnly(3f).hasSize(SIZE);
    assertThat(Files.size(directory.resolve("model.onnx"))).isLessThan(1024);
  }

  @Test
  void startsEveryTensorOfAWeightFileOnAPage() throws IOException {
    Path file = directory.resolve("weights");
    try (WeightFile weights = new WeightFile(file)) {
      assertThat(weights.append(OnnxGraph.littleEndian(5000))).isZero();
      assertThat(weights.append(OnnxGraph.littleEndian(10))).isEqualTo(8192);
    }
    assertThat(Files.size(file)).isEqualTo(8202);
  }

  @Test
  void refusesANodeThatReadsAnUnknownValue() {
    OnnxGraph graph = new OnnxGraph("test", null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.node("", "Abs", "y", List.of("x")))
        .withMessage("Abs reads x, which is not defined");
  }

  @Test
  void refusesTwoValuesOfTheSameName() throws IOException {
    OnnxGraph graph = new OnnxGraph("test", null);
    graph.longs("x", 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.longs("x", 2))
        .withMessage("x is defined twice");
  }

  @Test
  void refusesWeightsThatDoNotFillTheirShape() {
    OnnxGraph graph = new OnnxGraph("test", null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.floats("x", new long[] {2, 3}, 1, 2, 3, 4, 5))
        .withMessage("x has 20 bytes, its shape wants 24");
  }

  /** y = x + 2, element by element. */
  private static OnnxGraph addTwo(@Nullable WeightFile weights) throws IOException {
    OnnxGraph graph = new OnnxGraph("test", weights);
    List<Dimension> shape = List.of(Dimension.of("rows"), Dimension.of(SIZE));
    graph.input("x", ElementType.FLOAT, shape);
    float[] twos = new float[SIZE];
    Arrays.fill(twos, 2);
    String two = graph.floats("two", new long[] {SIZE}, twos);
    graph.node("", "Add", "y", List.of("x", two));
    graph.output("y", ElementType.FLOAT, shape);
    return graph;
  }

  private float[] run() throws OrtException {
    float[][] ones = new float[1][SIZE];
    Arrays.fill(ones[0], 1);
    try (OrtSession session =
            OnnxRuntime.environment().createSession(directory.resolve("model.onnx").toString());
        OnnxTensor x = OnnxTensor.createTensor(OnnxRuntime.environment(), ones);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return ((float[][]) result.get(0).getValue())[0];
    }
  }
}
