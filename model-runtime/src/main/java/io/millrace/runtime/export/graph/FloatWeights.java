package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/** Matrices as floats, in the layout of the checkpoint, {@code [outputs, inputs]}. */
final class FloatWeights implements WeightFormat {

  private final OnnxGraph graph;
  private final FloatMatrices matrices;

  FloatWeights(OnnxGraph graph, FloatFormat format) {
    this.graph = graph;
    this.matrices = new FloatMatrices(graph, format);
  }

  @Override
  public String lookUp(String name, Matrix table, String tokens) throws IOException {
    return graph.node(
        "", "Gather", name + "/rows", List.of(matrices.outputsFirst(name, table), tokens));
  }

  @Override
  public void multiply(String name, Matrix matrix, Activation input, String output)
      throws IOException {
    product(matrices.outputsFirst(name + ".weight", matrix), input, output);
  }

  @Override
  public void multiplyByTable(
      String name, String table, Matrix matrix, Activation input, String output) {
    product(table, input, output);
  }

  @Override
  public void feedForward(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException {
    SiluGate.feedForward(graph, this, name, gate, up, down, input, output);
  }

  /** The weights stay untransposed: FusedMatMul packs them either way when the session starts. */
  private void product(String weights, Activation input, String output) {
    graph.node(
        MICROSOFT_DOMAIN,
        "FusedMatMul",
        output,
        List.of(input.value(), weights),
        Attribute.of("transB", 1));
  }
}
