package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.millrace.runtime.Releases;
import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.device.RowProduct;
import io.millrace.runtime.device.RowProducts;
import io.millrace.runtime.model.GraphOperators;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Millrace's own operators, as a domain that sessions can be told of: products of few rows with
 * what stands around them, computed by a {@link RowProducts}.
 *
 * <p>Kernels run on the thread that runs the session. Must be closed after the sessions and before
 * the device.
 */
final class OwnOperators implements AutoCloseable {

  /** What the operators are called in graphs, with {@link #DOMAIN}. */
  enum Operator {
    /** {@code [input, gain, weights] -> output}, attribute {@code epsilon}. */
    NORMALIZED_MAT_MUL("NormalizedMatMul", RowProduct.Kind.NORMALIZED),
    /** {@code [input, gain, weights] -> output}, attribute {@code epsilon}. */
    NORMALIZED_GATED_MAT_MUL("NormalizedGatedMatMul", RowProduct.Kind.GATED),
    /** {@code [input, addend, weights] -> output}, attribute {@code epsilon}, which is not read. */
    MAT_MUL_ADD("MatMulAdd", RowProduct.Kind.ADDED);

    private final String label;
    private final RowProduct.Kind kind;

    Operator(String label, RowProduct.Kind kind) {
      this.label = label;
      this.kind = kind;
    }

    String label() {
      return label;
    }

    RowProduct.Kind kind() {
      return kind;
    }
  }

  static final String DOMAIN = "io.millrace";

  private final Arena arena = Arena.ofShared();
  private final List<OwnOperator> operators = new ArrayList<>();
  private final MemorySegment domain;

  /**
   * Makes the operators.
   *
   * @param provider on which they run: CPU or CUDA
   * @param type of their numbers
   */
  OwnOperators(ExecutionProvider provider, FloatType type, RowProducts products)
      throws OrtException {
    domain = OrtApi.createOperatorDomain(DOMAIN);
    try {
      for (var operator : Operator.values()) {
        var made = new OwnOperator(operator, provider, type, products, arena);
        operators.add(made);
        OrtApi.addOperator(domain, made.description());
      }
    } catch (OrtException | RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  /** Whether a graph has some of the operators. */
  static boolean areIn(Path graphFile) {
    var known = GraphOperators.count(graphFile).keySet();
    return Arrays.stream(Operator.values()).map(Operator::label).anyMatch(known::contains);
  }

  /** Makes the operators known to the sessions that are created with the options. */
  void addTo(SessionOptions options) throws OrtException {
    OrtApi.addOperatorDomain(options, domain);
  }

  @Override
  public void close() {
    Releases.all(List.of(() -> OrtApi.releaseOperatorDomain(domain), arena::close));
  }
}
