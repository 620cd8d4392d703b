package io.millrace.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.device.RowProduct;
import io.millrace.runtime.device.RowProducts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A product of few rows with what stands around it, computed by a {@link RowProducts}. */
final class RowProductOperator extends OwnOperator {

  private static final int INPUTS = 3;

  private final RowProduct.Kind kind;
  private final ExecutionProvider provider;
  private final RowProducts products;

  /**
   * @param label what it is called in graphs
   * @param provider on which it runs: CPU or CUDA
   * @param type of its numbers
   */
  RowProductOperator(
      String label,
      RowProduct.Kind kind,
      ExecutionProvider provider,
      FloatType type,
      RowProducts products,
      Arena arena) {
    super(
        label,
        provider,
        Collections.nCopies(INPUTS, new Parameter(elementType(type), true)),
        List.of(new Parameter(elementType(type), true)),
        arena);
    this.kind = kind;
    this.provider = provider;
    this.products = products;
  }

  private static OnnxJavaType elementType(FloatType type) {
    return switch (type) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
    };
  }

  @Override
  Kernel kernel(MemorySegment info) throws OrtException {
    float epsilon = OrtApi.attribute(info, "epsilon");
    return context -> compute(epsilon, context);
  }

  private void compute(float epsilon, MemorySegment context) throws OrtException {
    var input = OrtApi.operatorInput(context, 0);
    var operand = OrtApi.operatorInput(context, 1);
    var weights = OrtApi.operatorInput(context, 2);
    int inputs = Math.toIntExact(input.shape().getLast());
    int matrixRows = Math.toIntExact(weights.shape().getFirst());
    int outputs = kind == RowProduct.Kind.GATED ? matrixRows / 2 : matrixRows;
    List<Long> rowShape = input.shape().subList(0, input.shape().size() - 1);
    List<Long> shape = new ArrayList<>(rowShape);
    shape.add((long) outputs);
    var output = OrtApi.operatorOutput(context, 0, shape);
    int rows = Math.toIntExact(rowShape.stream().reduce(1L, Math::multiplyExact));
    if (rows == 0) {
      return;
    }
    products.multiply(
        new RowProduct(
            kind,
            input.content(),
            weights.content(),
            operand.content(),
            output.content(),
            rows,
            inputs,
            outputs,
            epsilon),
        provider == ExecutionProvider.CPU ? MemorySegment.NULL : OrtApi.gpuStream(context));
  }
}
