package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Stores matrices as floats, without holding more of one than its bytes and a few rows. */
record FloatMatrices(OnnxGraph graph, FloatFormat format) {

  /** Rows that are transposed together: a cache line of 16-bit numbers, or two of 32-bit ones. */
  private static final int ROWS_AT_ONCE = 32;

  /** Stores a matrix as the checkpoint has it, {@code [outputs, inputs]}. */
  String outputsFirst(String name, Matrix matrix) throws IOException {
    ByteBuffer content = allocate(name, matrix);
    float[] row = new float[matrix.columns()];
    for (int i = 0; i < matrix.rows(); i++) {
      matrix.readRow(i, row);
      for (float weight : row) {
        format.put(content, weight);
      }
    }
    long[] shape = {matrix.rows(), matrix.columns()};
    return graph.initializer(name, format.elementType(), shape, content.flip());
  }

  /** Stores a matrix as a right-hand operand, {@code [inputs, outputs]}. */
  String inputsFirst(String name, Matrix matrix) throws IOException {
    ByteBuffer content = allocate(name, matrix);
    int bytes = format.elementType().bytes();
    float[][] rows = new float[ROWS_AT_ONCE][matrix.columns()];
    for (int first = 0; first < matrix.rows(); first += ROWS_AT_ONCE) {
      int count = Math.min(ROWS_AT_ONCE, matrix.rows() - first);
      for (int i = 0; i < count; i++) {
        matrix.readRow(first + i, rows[i]);
      }
      for (int k = 0; k < matrix.columns(); k++) {
        content.position((k * matrix.rows() + first) * bytes);
        for (int i = 0; i < count; i++) {
          format.put(content, rows[i][k]);
        }
      }
    }
    long[] shape = {matrix.columns(), matrix.rows()};
    return graph.initializer(name, format.elementType(), shape, content.rewind());
  }

  private ByteBuffer allocate(String name, Matrix matrix) {
    long bytes = (long) matrix.rows() * matrix.columns() * format.elementType().bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new CheckpointException(
          "%s has %d bytes, more than one tensor may have; choose another precision"
              .formatted(name, bytes));
    }
    return OnnxGraph.littleEndian(bytes);
  }
}
