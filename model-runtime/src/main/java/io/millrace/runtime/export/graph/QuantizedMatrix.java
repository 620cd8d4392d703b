package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Matrix;
import java.nio.ByteBuffer;

/** A matrix rounded to int8, symmetric, with one scale per row (output feature). */
final class QuantizedMatrix {

  private final int rows;
  private final int columns;
  private final byte[] values;
  private final float[] scales;

  private QuantizedMatrix(int rows, int columns, byte[] values, float[] scales) {
    this.rows = rows;
    this.columns = columns;
    this.values = values;
    this.scales = scales;
  }

  static QuantizedMatrix of(Matrix matrix) {
    int columns = matrix.columns();
    byte[] values = new byte[Math.multiplyExact(matrix.rows(), columns)];
    float[] scales = new float[matrix.rows()];
    float[] row = new float[columns];
    for (int i = 0; i < matrix.rows(); i++) {
      matrix.readRow(i, row);
      float largest = 0;
      for (float weight : row) {
        largest = Math.max(largest, Math.abs(weight));
      }
      scales[i] = largest / PerTokenInt8Weights.STEPS;
      float stepsPerUnit = largest == 0 ? 0 : PerTokenInt8Weights.STEPS / largest;
      for (int k = 0; k < columns; k++) {
        values[i * columns + k] = (byte) Math.rint(row[k] * stepsPerUnit);
      }
    }
    return new QuantizedMatrix(matrix.rows(), columns, values, scales);
  }

  /** One per row: weight ≈ value · scale. */
  float[] scales() {
    return scales;
  }

  /** The values as {@code [rows, columns]}. */
  ByteBuffer outputsFirst() {
    return ByteBuffer.wrap(values);
  }

  /** The values as {@code [columns, rows]}, the layout of a right-hand operand. */
  ByteBuffer inputsFirst() {
    byte[] transposed = new byte[values.length];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < columns; k++) {
        transposed[k * rows + i] = values[i * columns + k];
      }
    }
    return ByteBuffer.wrap(transposed);
  }
}
