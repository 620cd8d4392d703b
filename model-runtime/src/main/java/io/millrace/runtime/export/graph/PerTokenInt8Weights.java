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
  private final String lastAxis;
  private final Map<String, String> zeroPointsByShape = new HashMap<>();

  PerTokenInt8Weights(OnnxGraph graph) throws IOException {
    this.graph = graph;
    this.reciprocalOfSteps = graph.floats("int8/reciprocal_of_steps", new long[0], 1 / STEPS);
    this.one = graph.floats("int8/one", new long[0], 1);
    this.inputZeroPoint = scalar("int8/input_zero_point", ElementType.UINT8, (byte) 128);
    this.lastAxis = graph.longs("int8/last_axis", -1);
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
    String scales = graph.floats(name + "_scale", new long[] {table.rows(), 1}, quantized.scales());
    String rows = graph.node("", "Gather", name + "/rows", List.of(values, tokens));
    String rowScales = graph.node("", "Gather", name + "/row_scales", List.of(scales, tokens));
    return graph.node(
        "",
        "DequantizeLinear",
        name + "/output",
        List.of(rows, rowScales),
        Attribute.of("axis", -1),
        Attribute.of("block_size", table.columns()));
  }

  @Override
  public void multiply(String name, Matrix matrix, Activation input, String output)
      throws IOException {
    StoredMatrix stored = store(name, matrix);
    QuantizedActivation quantized = quantize(name, input, matrix.columns());
    scale(product(name, quantized, stored), quantized.scales(), output);
  }

  /** ONNX Runtime transposes the table once, when the session starts (constant folding). */
  @Override
  public void multiplyByTable(
      String name, String table, Matrix matrix, Activation input, String output)
      throws IOException {
    String weights = graph.node("", "Transpose", name + ".weight", List.of(table));
    String flat = graph.longs(name + "/flat", -1);
    String scales =
        graph.node("", "Reshape", name + ".weight_scale", List.of(table + "_scale", flat));
    QuantizedActivation quantized = quantize(name, input, matrix.columns());
    StoredMatrix stored = new StoredMatrix(weights, scales);
    scale(product(name, quantized, stored), quantized.scales(), output);
  }

  /**
   * Leaves the second factor of the gate without its token scale, because the next rounding takes
   * any scale of a token out again; the result gets both.
   */
  @Override
  public void feedForward(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException {
    QuantizedActivation quantized = quantize(name, input, gate.columns());
    String gated = product(name + ".gate_proj", quantized, store(name + ".gate_proj", gate));
    String scaledGate = scale(gated, quantized.scales(), name + ".gate_proj/output");
    String upward = product(name + ".up_proj", quantized, store(name + ".up_proj", up));
    String inner = SiluGate.add(graph, name, scaledGate, upward);
    QuantizedActivation quantizedInner =
        quantize(name + ".down_proj", input.with(inner), down.columns());
    String scales =
        scale(quantizedInner.scales(), quantized.scales(), name + ".down_proj/both_scales");
    String product = product(name + ".down_proj", quantizedInner, store(name + ".down_proj", down));
    scale(product, scales, output);
  }

  private QuantizedActivation quantize(String name, Activation input, int features) {
    String magnitudes = graph.node("", "Abs", name + "/magnitudes", List.of(input.value()));
    String largest = graph.node("", "ReduceMax", name + "/largest", List.of(magnitudes, lastAxis));
    String scales = scale(largest, reciprocalOfSteps, name + "/scales");
    String values =
        graph.node(
            "",
            "QuantizeLinear",
            name + "/quantized",
            List.of(input.value(), scales, zeroPoints(input.tokenShape())),
            Attribute.of("axis", -1),
            Attribute.of("block_size", features));
    return new QuantizedActivation(values, scales);
  }

  /**
   * Every product has its own zero point, though all are zero: with the session option {@code
   * session.x64quantprecision} ONNX Runtime rewrites each with its weights.
   */
  private String product(String name, QuantizedActivation input, StoredMatrix matrix)
      throws IOException {
    String weightZeroPoint = scalar(name + ".weight_zero_point", ElementType.INT8, (byte) 0);
    return graph.node(
        MICROSOFT_DOMAIN,
        "MatMulIntegerToFloat",
        name + "/product",
        List.of(
            input.values(),
            matrix.weights(),
            one,
            matrix.scales(),
            inputZeroPoint,
            weightZeroPoint));
  }

  private String scale(String value, String scales, String output) {
    return graph.node("", "Mul", output, List.of(value, scales));
  }

  private StoredMatrix store(String name, Matrix matrix) throws IOException {
    QuantizedMatrix quantized = QuantizedMatrix.of(matrix);
    return new StoredMatrix(
        graph.initializer(
            name + ".weight",
            ElementType.INT8,
            new long[] {matrix.columns(), matrix.rows()},
            quantized.inputsFirst()),
        graph.floats(name + ".weight_scale", new long[] {matrix.rows()}, quantized.scales()));
  }

  /** QuantizeLinear wants one zero point per scale. */
  private String zeroPoints(String tokenShape) {
    return zeroPointsByShape.computeIfAbsent(
        tokenShape,
        _ ->
            graph.node(
                "", "Expand", tokenShape + "/zero_points", List.of(inputZeroPoint, tokenShape)));
  }

  private String scalar(String name, ElementType type, byte value) throws IOException {
    return graph.initializer(name, type, new long[0], ByteBuffer.wrap(new byte[] {value}));
  }

  /**
   * 8-bit values, {@code [batch, sequence, features]}, and scales, {@code [batch, sequence, 1]}.
   */
  private record QuantizedActivation(String values, String scales) {}

  /** Names of the 8-bit weights, {@code [inputs, outputs]}, and of their scales. */
  private record StoredMatrix(String weights, String scales) {}
}
