package io.millrace.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.device.RowProduct;
import io.millrace.runtime.device.RowProducts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/** A product of few rows with what stands around it, computed by a {@link RowProducts}. */
final class RowProductOperator extends OwnOperator {

  private static final int INPUTS = 3;

  private final RowProduct.Kind kind;
  private final ExecutionProvider provider;
  private final RowProducts products;
  private final KernelContext context;

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
    this.context = new KernelContext(arena);
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
    float epsilon = KernelContext.attribute(info, "epsilon");
    return node -> {
      context.use(node);
      compute(epsilon);
    };
  }

  private void compute(float epsilon) throws OrtException {
    var input = context.input(0);
    var operand = context.content(context.input(1));
    var weights = context.input(2);
    long[] shape = context.shape(input);
    int last = shape.length - 1;
    int inputs = Math.toIntExact(shape[last]);
    int rows = Math.toIntExact(LongStream.of(shape).limit(last).reduce(1, Math::multiplyExact));
    int matrixRows = Math.toIntExact(context.shape(weights)[0]);
    int outputs = kind == RowProduct.Kind.GATED ? matrixRows / 2 : matrixRows;
    shape[last] = outputs;
    var output = context.output(0, shape);
    if (rows == 0) {
      return;
    }
    products.multiply(
        new RowProduct(
            kind,
            context.content(input),
            context.content(weights),
            operand,
            context.content(output),
            rows,
            inputs,
            outputs,
            epsilon),
        provider == ExecutionProvider.CPU ? MemorySegment.NULL : context.gpuStream());
  }
}
