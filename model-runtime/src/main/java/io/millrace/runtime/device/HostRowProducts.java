package io.millrace.runtime.device;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * {@link RowProduct}s of {@link FloatType#FLOAT16} on the host, by the definition and not fast:
 * what a GPU's are compared with.
 */
final class HostRowProducts implements RowProducts {

  @Override
  public void multiply(RowProduct product, MemorySegment stream) {
    for (int row = 0; row < product.rows(); row++) {
      multiply(product, row);
    }
  }

  private static void multiply(RowProduct product, int row) {
    float[] input = read(product.input(), row, product.inputs());
    float scale = 1;
    if (product.kind() != RowProduct.Kind.ADDED) {
      scale = inverseRootMeanSquare(input, product.epsilon());
      float[] gain = read(product.operand(), 0, product.inputs());
      for (int index = 0; index < input.length; index++) {
        input[index] = round(input[index] * gain[index]);
      }
    }
    var output = element(product.output(), product.rows(), product.outputs());
    for (int column = 0; column < product.outputs(); column++) {
      float sum = scale * dot(product, column, input);
      float result =
          switch (product.kind()) {
            case NORMALIZED -> sum;
            case GATED -> silu(sum) * scale * dot(product, product.outputs() + column, input);
            case ADDED -> sum + addend(product, row, column);
          };
      long index = (long) row * product.outputs() + column;
      output.setAtIndex(JAVA_SHORT_UNALIGNED, index, Float.floatToFloat16(result));
    }
  }

  private static float silu(float value) {
    return (float) (value / (1 + Math.exp(-value)));
  }

  private static float inverseRootMeanSquare(float[] values, float epsilon) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return (float) (1 / Math.sqrt(squares / values.length + epsilon));
  }

  private static float dot(RowProduct product, int matrixRow, float[] input) {
    var weights =
        element(product.weights(), product.matrices() * product.outputs(), product.inputs());
    long first = (long) matrixRow * product.inputs();
    double sum = 0;
    for (int index = 0; index < input.length; index++) {
      sum += input[index] * wide(weights.getAtIndex(JAVA_SHORT_UNALIGNED, first + index));
    }
    return (float) sum;
  }

  private static float addend(RowProduct product, int row, int column) {
    var addends = element(product.operand(), product.rows(), product.outputs());
    long index = (long) row * product.outputs() + column;
    return wide(addends.getAtIndex(JAVA_SHORT_UNALIGNED, index));
  }

  private static float[] read(MemorySegment matrix, int row, int columns) {
    var content = element(matrix, row + 1, columns);
    float[] values = new float[columns];
    for (int column = 0; column < columns; column++) {
      long index = (long) row * columns + column;
      values[column] = wide(content.getAtIndex(JAVA_SHORT_UNALIGNED, index));
    }
    return values;
  }

  private static MemorySegment element(MemorySegment matrix, int rows, int columns) {
    return matrix.reinterpret((long) rows * columns * Short.BYTES);
  }

  private static float wide(short bits) {
    return Float.float16ToFloat(bits);
  }

  private static float round(float value) {
    return wide(Float.floatToFloat16(value));
  }
}
