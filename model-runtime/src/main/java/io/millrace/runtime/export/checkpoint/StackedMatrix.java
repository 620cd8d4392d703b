package io.millrace.runtime.export.checkpoint;

import java.util.List;

/** Matrices on top of each other, so that projections that share an input become one. */
record StackedMatrix(List<Matrix> parts) implements Matrix {

  StackedMatrix {
    int columns = parts.getFirst().columns();
    for (Matrix part : parts) {
      if (part.columns() != columns) {
        throw new IllegalArgumentException(
            "cannot stack matrices of " + columns + " and " + part.columns() + " columns");
      }
    }
  }

  @Override
  public int rows() {
    return parts.stream().mapToInt(Matrix::rows).sum();
  }

  @Override
  public int columns() {
    return parts.getFirst().columns();
  }

  @Override
  public void readRow(int row, float[] target) {
    int rowInPart = row;
    for (Matrix part : parts) {
      if (rowInPart < part.rows()) {
        part.readRow(rowInPart, target);
        return;
      }
      rowInPart -= part.rows();
    }
    throw new IndexOutOfBoundsException("row " + row + " of " + rows());
  }
}
