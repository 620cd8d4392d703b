package io.millrace.runtime.export.checkpoint;

import java.util.List;

/** A weight matrix, {@code [output features, input features]}, read one row at a time. */
public interface Matrix {

  int rows();

  int columns();

  /**
   * Reads one row.
   *
   * @param target receives {@link #columns()} elements from index 0
   */
  void readRow(int row, float[] target);

  /** The given matrices, all of the same number of columns, as one: the first on top. */
  static Matrix stacked(Matrix... parts) {
    return new StackedMatrix(List.of(parts));
  }
}
