package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Matrices as int8 with one scale per output feature, multiplied with activations that each run
 * rounds to 8 bits with one scale per token (W8A8).
 *
 * <p>For a row x: {@code s = max|x| / 127}, {@code q = round(x / s) + 128} as uint8, and the
 * product {@code s · scale[n] · Σ (q[k] - 128) · w[k, n]}. Both operands 8 bits wide reach the VNNI
 * and AMX kernels. A row of zeros has s = 0 and whatever q: its product is a finite sum times 0, so
 * 0.
 */
final class PerTokenInt8Weights implements WeightFormat {

  /** Symmetric: -128 is not used, so that the largest value of either sign has the same step. */
  static final float STEPS = 127;

  private final OnnxGraph graph;
  private final String reciprocalOfSteps;
  private final String one;
  private final String inputZeroPoint;
  private final String weightZeroPoint;
  private final String lastAxis;
  private final String column;
  private final Map<String, String> zeroPointsByCount = new HashMap<>();

  PerTokenInt8Weights(OnnxGraph graph) throws IOException {
    this.graph = graph;
    this.reciprocalOfSteps = graph.floats("int8/reciprocal_of_steps", new long[0], 1 / STEPS);
    this.one = graph.floats("int8/one", new long[0], 1);
    this.inputZeroPoint = scalar("int8/input_zero_point", ElementType.UINT8, (byte) 128);
    this.weightZeroPoint = scalar("int8/weight_zero_point", ElementType.INT8, (byte) 0);
    this.lastAxis = graph.longs("int8/last_axis", -1);
    this.column = graph.longs("int8/column", -1, 1);
  }

  @Override
  public String lookUp(String name, Matrix table, String tokens) throws IOException {
    QuantizedMatrix quantized = QuantizedMatrix.of(table);
    String values =
        graph.initializer(
            name,
            ElementType.INT8,
            new long[] {table.rows(), table.columns()},
            quantized.outputsFirst());
    String scales = graph.floats(name + "_scale", new long[] {table.rows()}, quantized.scales());
    String rows = graph.node("", "Gather", name + "/rows", List.of(values, tokens));
    String rowScales = graph.node("", "Gather", name + "/row_scales", List.of(scales, tokens));
    return graph.node(
        "",
        "DequantizeLinear",
        name + "/output",
        List.of(rows, rowScales),
        Attribute.of("axis", 0));
  }

  @Override
  public String multiply(String name, Matrix matrix, Rows input) throws IOException {
    QuantizedMatrix quantized = QuantizedMatrix.of(matrix);
    String weights =
        graph.initializer(
            name + ".weight",
            ElementType.INT8,
            new long[] {matrix.columns(), matrix.rows()},
            quantized.inputsFirst());
    String scales =
        graph.floats(name + ".weight_scale", new long[] {matrix.rows()}, quantized.scales());
    Activation activation = quantize(name, input);
    return product(name, activation, weights, scales, name + "/output");
  }

  @Override
  public void multiplyByHead(String name, Matrix matrix, Rows input, String output)
      throws IOException {
    QuantizedMatrix quantized = QuantizedMatrix.of(matrix);
    String weights =
        graph.initializer(
            name + ".weight",
            ElementType.INT8,
            new long[] {matrix.columns(), matrix.rows()},
            quantized.inputsFirst());
    String scales =
        graph.floats(name + ".weight_scale", new long[] {matrix.rows()}, quantized.scales());
    product(name, toRows(name, quantize(name, input), matrix), weights, scales, output);
  }

  /** ONNX Runtime transposes the table once, when the session starts (constant folding). */
  @Override
  public void multiplyByTable(String name, String table, Matrix matrix, Rows input, String output)
      throws IOException {
    String weights = graph.node("", "Transpose", name + ".weight", List.of(table));
    product(name, toRows(name, quantize(name, input), matrix), weights, table + "_scale", output);
  }

  private Activation quantize(String name, Rows input) {
    String magnitudes = graph.node("", "Abs", name + "/magnitudes", List.of(input.value()));
    String largest =
        graph.node(
            "",
            "ReduceMax",
            name + "/largest",
            List.of(magnitudes, lastAxis),
            Attribute.of("keepdims", 0));
    String scales = graph.node("", "Mul", name + "/scales", List.of(largest, reciprocalOfSteps));
    String values =
        graph.node(
            "",
            "QuantizeLinear",
            name + "/quantized",
            List.of(input.value(), scales, zeroPoints(input.count())),
            Attribute.of("axis", 0));
    String columnOfScales =
        graph.node("", "Reshape", name + "/column_of_scales", List.of(scales, column));
    return new Activation(values, columnOfScales);
  }

  private String product(
      String name, Activation input, String weights, String scales, String output) {
    String product =
        graph.node(
            MICROSOFT_DOMAIN,
            "MatMulIntegerToFloat",
            name + "/product",
            List.of(input.values(), weights, one, scales, inputZeroPoint, weightZeroPoint));
    return graph.node("", "Mul", output, List.of(product, input.scales()));
  }

  private Activation toRows(String name, Activation input, Matrix matrix) throws IOException {
    String valueShape = graph.longs(name + "/row_shape", -1, 1, matrix.columns());
    String scaleShape = graph.longs(name + "/row_scale_shape", -1, 1, 1);
    return new Activation(
        graph.node("", "Reshape", name + "/row", List.of(input.values(), valueShape)),
        graph.node("", "Reshape", name + "/row_scales", List.of(input.scales(), scaleShape)));
  }

  /** QuantizeLinear wants one zero point per scale. */
  private String zeroPoints(String count) {
    return zeroPointsByCount.computeIfAbsent(
        count,
        _ -> graph.node("", "Expand", count + "/zero_points", List.of(inputZeroPoint, count)));
  }

  private String scalar(String name, ElementType type, byte value) throws IOException {
    return graph.initializer(name, type, new long[0], ByteBuffer.wrap(new byte[] {value}));
  }

  /** Rows of 8-bit values, and the scale of each row. */
  private record Activation(String values, String scales) {}
}
