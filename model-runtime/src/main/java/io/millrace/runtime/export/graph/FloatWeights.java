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
  private final FloatFormat format;
  private final FloatMatrices matrices;

  FloatWeights(OnnxGraph graph, FloatFormat format) {
    this.graph = graph;
    this.format = format;
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
    if (format == FloatFormat.FLOAT32) {
      SiluGate.feedForward(graph, this, name, gate, up, down, input, output);
    } else {
      feedForwardTogether(name, gate, up, down, input, output);
    }
  }

  /** Gate and up as one matrix: a GPU reads one large matrix faster than two smaller ones. */
  private void feedForwardTogether(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException {
    String both = name + ".gate_up_proj/output";
    String gateOutput = name + ".gate_proj/output";
    String upOutput = name + ".up_proj/output";
    multiply(name + ".gate_up_proj", Matrix.stacked(gate, up), input, both);
    graph.node(
        "",
        "Split",
        List.of(gateOutput, upOutput),
        List.of(both),
        Attribute.of("axis", -1),
        Attribute.of("num_outputs", 2));
    String gated = SiluGate.add(graph, name, gateOutput, upOutput);
    multiply(name + ".down_proj", down, input.with(gated), output);
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
