package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Matrices as floats, in the layout of the checkpoint, {@code [outputs, inputs]}. */
final class FloatWeights implements WeightFormat {

  private final OnnxGraph graph;
  private final FloatFormat format;

  FloatWeights(OnnxGraph graph, FloatFormat format) {
    this.graph = graph;
    this.format = format;
  }

  @Override
  public String lookUp(String name, Matrix table, String tokens) throws IOException {
    return graph.node("", "Gather", name + "/rows", List.of(store(name, table), tokens));
  }

  @Override
  public void multiply(String name, Matrix matrix, Activation input, String output)
      throws IOException {
    product(store(name + ".weight", matrix), input, output);
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

  private String store(String name, Matrix matrix) throws IOException {
    long bytes = (long) matrix.rows() * matrix.columns() * format.elementType().bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new CheckpointException(
          "%s has %d bytes, more than one tensor may have; choose another precision"
              .formatted(name, bytes));
    }
    ByteBuffer content = OnnxGraph.littleEndian(bytes);
    float[] row = new float[matrix.columns()];
    for (int i = 0; i < matrix.rows(); i++) {
      matrix.readRow(i, row);
      for (float weight : row) {
        format.put(content, weight);
      }
    }
    long[] shape = {matrix.rows(), matrix.columns()};
    return graph.initializer(name, format.elementType(), shape, content.flip());
  }
}
