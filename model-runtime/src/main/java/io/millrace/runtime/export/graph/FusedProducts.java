package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MILLRACE_DOMAIN;

import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Matrices as floats, multiplied by Millrace's own operators, each of which does what stands before
 * and after a product too: the norm, the gate, the addition to the residual stream.
 *
 * <p>An operator is added when all that it does is known. So a norm is put off until something is
 * multiplied with its result, and a product of what is not normalized until it is added to the
 * residual stream; there must be such.
 */
final class FusedProducts implements WeightFormat, Normalization {

  /** {@code RowProduct.INPUT_STEP} of the run time. */
  private static final int INPUT_STEP = 32;

  /** {@code RowProduct.OUTPUT_STEP} of the run time. */
  private static final int OUTPUT_STEP = 16;

  /** A norm that waits for a product. */
  private record Norm(String input, String gain) {}

  /** A product that waits for an addition. */
  private record Product(String input, String weights) {}

  private final OnnxGraph graph;
  private final FloatMatrices matrices;
  private final Attribute epsilon;
  private final Map<String, Norm> norms = new HashMap<>();
  private final Map<String, Product> products = new HashMap<>();

  FusedProducts(OnnxGraph graph, LlamaConfig config, FloatFormat format) {
    if (config.outputBias()) {
      throw new CheckpointException(
          "the layout fused has no bias of attention's output; choose gqa");
    }
    this.graph = graph;
    this.matrices = new FloatMatrices(graph, format);
    this.epsilon = Attribute.of("epsilon", config.normEpsilon());
  }

  @Override
  public String lookUp(String name, Matrix table, String tokens) throws IOException {
    return graph.node(
        "", "Gather", name + "/rows", List.of(matrices.outputsFirst(name, table), tokens));
  }

  @Override
  public void normalize(String output, String input, String scales) {
    norms.put(output, new Norm(input, scales));
  }

  @Override
  public void addAndNormalize(
      String output, String sum, String residual, String addend, String scales) {
    Product product = products.remove(addend);
    if (product == null) {
      throw new IllegalStateException(addend + " is not a product");
    }
    String sumName = sum.isEmpty() ? output + "/sum" : sum;
    node("MatMulAdd", sumName, List.of(product.input(), residual, product.weights()));
    normalize(output, sumName, scales);
  }

  @Override
  public void multiply(String name, Matrix matrix, Activation input, String output)
      throws IOException {
    String weights = store(name + ".weight", matrix);
    Norm norm = norms.get(input.value());
    if (norm == null) {
      products.put(output, new Product(input.value(), weights));
    } else {
      multiplyNormalized("NormalizedMatMul", norm, weights, output);
    }
  }

  @Override
  public void multiplyByTable(
      String name, String table, Matrix matrix, Activation input, String output) {
    multiplyNormalized("NormalizedMatMul", norm(input), table, output);
  }

  @Override
  public void feedForward(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException {
    String gated = name + "/gated";
    String weights = store(name + ".gate_up_proj.weight", Matrix.stacked(gate, up));
    multiplyNormalized("NormalizedGatedMatMul", norm(input), weights, gated);
    multiply(name + ".down_proj", down, input.with(gated), output);
  }

  private Norm norm(Activation input) {
    Norm norm = norms.get(input.value());
    if (norm == null) {
      throw new IllegalStateException(input.value() + " is not normalized");
    }
    return norm;
  }

  private void multiplyNormalized(String operator, Norm norm, String weights, String output) {
    node(operator, output, List.of(norm.input(), norm.gain(), weights));
  }

  private void node(String operator, String output, List<String> inputs) {
    graph.node(MILLRACE_DOMAIN, operator, output, inputs, epsilon);
  }

  private String store(String name, Matrix matrix) throws IOException {
    if (matrix.columns() % INPUT_STEP != 0 || matrix.rows() % OUTPUT_STEP != 0) {
      throw new CheckpointException(
          "%s is %d by %d; the layout fused wants multiples of %d and %d; choose gqa"
              .formatted(name, matrix.rows(), matrix.columns(), OUTPUT_STEP, INPUT_STEP));
    }
    return matrices.outputsFirst(name, matrix);
  }
}
