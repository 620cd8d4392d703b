package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
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
 * Millrace's own operators, as domains that sessions can be told of.
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
  private final List<MemorySegment> domains = new ArrayList<>();

  /** What upcalls call must not be collected. */
  private final List<OwnOperator> operators = new ArrayList<>();

  private OwnOperators() {}

  /** Makes some operators of a domain. */
  private interface Making {
    List<OwnOperator> in(Arena arena);
  }

  private static OwnOperators of(String domainName, Making making) throws OrtException {
    var own = new OwnOperators();
    try {
      var domain = OrtApi.createOperatorDomain(domainName);
      own.domains.add(domain);
      for (var operator : making.in(own.arena)) {
        own.operators.add(operator);
        OrtApi.addOperator(domain, operator.description());
      }
      return own;
    } catch (OrtException | RuntimeException | Error failure) {
      own.close();
      throw failure;
    }
  }

  /**
   * Makes the products of few rows with what stands around them.
   *
   * @param provider on which they run: CPU or CUDA
   * @param type of their numbers
   */
  static OwnOperators rowProducts(ExecutionProvider provider, FloatType type, RowProducts products)
      throws OrtException {
    return of(
        DOMAIN,
        arena ->
            Arrays.stream(Operator.values())
                .<OwnOperator>map(
                    operator ->
                        new RowProductOperator(
                            operator.label(), operator.kind(), provider, type, products, arena))
                .toList());
  }

  /** Makes attention on the CPU, of heads of a size that it supports. */
  static OwnOperators attention(int headSize) throws OrtException {
    return of(AttentionOperator.DOMAIN, arena -> List.of(new AttentionOperator(headSize, arena)));
  }

  /** Whether a graph has some of the operators. */
  static boolean areIn(Path graphFile) {
    var known = GraphOperators.count(graphFile).keySet();
    return Arrays.stream(Operator.values()).map(Operator::label).anyMatch(known::contains);
  }

  /** Makes the operators known to the sessions that are created with the options. */
  void addTo(SessionOptions options) throws OrtException {
    for (var domain : domains) {
      OrtApi.addOperatorDomain(options, domain);
    }
  }

  @Override
  public void close() {
    domains.forEach(OrtApi::releaseOperatorDomain);
    arena.close();
  }
}
