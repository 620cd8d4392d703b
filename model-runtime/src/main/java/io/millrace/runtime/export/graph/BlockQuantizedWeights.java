package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/** Matrices as 8-bit or 4-bit blocks of {@value BlockQuantizedMatrix#BLOCK} with a scale each. */
final class BlockQuantizedWeights implements WeightFormat {

  /** Multiply in int8: other levels of MatMulNBits have no fast kernel on CPU. */
  private static final long ACCURACY_INT8 = 4;

  private final OnnxGraph graph;
  private final int bits;
  private final FloatFormat format;

  /**
   * @param format of the scales and of what is multiplied
   */
  BlockQuantizedWeights(OnnxGraph graph, int bits, FloatFormat format) {
    this.graph = graph;
    this.bits = bits;
    this.format = format;
  }

  @Override
  public String lookUp(String name, Matrix table, String tokens) throws IOException {
    BlockQuantizedMatrix quantized = BlockQuantizedMatrix.of(table, bits);
    String values =
        graph.initializer(name, ElementType.UINT8, quantized.tableShape(), quantized.values());
    String scales = scales(name + "_scale", quantized);
    return graph.node(
        MICROSOFT_DOMAIN,
        "GatherBlockQuantized",
        name + "/rows",
        List.of(values, tokens, scales),
        Attribute.of("bits", bits),
        Attribute.of("block_size", BlockQuantizedMatrix.BLOCK),
        Attribute.of("gather_axis", 0),
        Attribute.of("quantize_axis", 1));
  }

  @Override
  public void multiply(String name, Matrix matrix, Activation input, String output)
      throws IOException {
    BlockQuantizedMatrix quantized = BlockQuantizedMatrix.of(matrix, bits);
    String weights =
        graph.initializer(
            name + ".weight",
            ElementType.UINT8,
            BlockQuantizedMatrix.shape(matrix.rows(), matrix.columns(), bits),
            quantized.values());
    String scales = scales(name + ".weight_scale", quantized);
    product(matrix, input, weights, scales, output);
  }

  /** ONNX Runtime reshapes the table once, when the session starts (constant folding). */
  @Override
  public void multiplyByTable(
      String name, String table, Matrix matrix, Activation input, String output)
      throws IOException {
    String shape =
        graph.longs(
            name + "/weight_shape",
            BlockQuantizedMatrix.shape(matrix.rows(), matrix.columns(), bits));
    String weights = graph.node("", "Reshape", name + ".weight", List.of(table, shape));
    product(matrix, input, weights, table + "_scale", output);
  }

  @Override
  public void feedForward(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException {
    SiluGate.feedForward(graph, this, name, gate, up, down, input, output);
  }

  private String scales(String name, BlockQuantizedMatrix quantized) throws IOException {
    return graph.floats(name, format, quantized.scaleShape(), quantized.scales());
  }

  private void product(
      Matrix matrix, Activation input, String weights, String scales, String output) {
    graph.node(
        MICROSOFT_DOMAIN,
        "MatMulNBits",
        output,
        List.of(input.value(), weights, scales),
        Attribute.of("K", matrix.columns()),
        Attribute.of("N", matrix.rows()),
        Attribute.of("bits", bits),
        Attribute.of("block_size", BlockQuantizedMatrix.BLOCK),
        Attribute.of("accuracy_level", ACCURACY_INT8));
  }
}
