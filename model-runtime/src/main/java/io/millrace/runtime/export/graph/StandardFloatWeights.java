package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/**
 * Matrices as floats for standard operators alone.
 *
 * <p>They are stored as the right-hand operands that MatMul wants, so that nothing is transposed
 * when a session starts: the result would be a second copy of all weights. The embedding cannot be
 * both, so the head multiplies with it by Gemm, which has two dimensions but a transposed operand.
 */
final class StandardFloatWeights implements WeightFormat {

  private final OnnxGraph graph;
  private final FloatMatrices matrices;

  StandardFloatWeights(OnnxGraph graph, FloatFormat format) {
    this.graph = graph;
    this.matrices = new FloatMatrices(graph, format);
  }

  @Override
  public String lookUp(String name, Matrix table, String tokens) throws IOException {
    String stored = matrices.outputsFirst(name, table);
    return graph.node("", "Gather", name + "/rows", List.of(stored, tokens));
  }

  @Override
  public void multiply(String name, Matrix matrix, Activation input, String output)
      throws IOException {
    String stored = matrices.inputsFirst(name + ".weight", matrix);
    graph.node("", "MatMul", output, List.of(input.value(), stored));
  }

  /** The input has one token a row. */
  @Override
  public void multiplyByTable(
      String name, String table, Matrix matrix, Activation input, String output)
      throws IOException {
    String shape = graph.longs(name + "/flat", -1, matrix.columns());
    String rows = graph.node("", "Reshape", name + "/rows", List.of(input.value(), shape));
    String product =
        graph.node("", "Gemm", name + "/product", List.of(rows, table), Attribute.of("transB", 1));
    graph.node("", "Unsqueeze", output, List.of(product, graph.longs(name + "/sequence_axis", 1)));
  }

  /** Sigmoid and two products, not Swish: TensorRT's parser has that from version 11 only. */
  @Override
  public void feedForward(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException {
    String gateOutput = name + ".gate_proj/output";
    String upOutput = name + ".up_proj/output";
    multiply(name + ".gate_proj", gate, input, gateOutput);
    multiply(name + ".up_proj", up, input, upOutput);
    String sigmoid = graph.node("", "Sigmoid", name + "/sigmoid", List.of(gateOutput));
    String activated = graph.node("", "Mul", name + "/activated", List.of(gateOutput, sigmoid));
    String gated = graph.node("", "Mul", name + "/gated", List.of(activated, upOutput));
    multiply(name + ".down_proj", down, input.with(gated), output);
  }
}
