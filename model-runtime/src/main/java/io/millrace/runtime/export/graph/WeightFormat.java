package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Matrix;
import java.io.IOException;

/**
 * How the matrices of a model are stored, and the nodes that multiply with them.
 *
 * <p>Whatever the format, a row of a result depends on the same row of its input alone, bit for
 * bit: no scale is ever taken over a batch.
 */
interface WeightFormat {

  /**
   * Looks up the rows of an embedding.
   *
   * @param name of the table, under which {@link #multiplyByTable} finds it again
   * @param tokens name of the ids, {@code [rows]}
   * @return name of the result, {@code [rows, columns of the table]}
   */
  String lookUp(String name, Matrix table, String tokens) throws IOException;

  /**
   * Multiplies each row by a matrix.
   *
   * @param name prefix for the names of the nodes and weights
   * @param input as many features as the matrix has columns
   * @return name of the result, {@code [rows of the input, rows of the matrix]}
   */
  String multiply(String name, Matrix matrix, Rows input) throws IOException;

  /**
   * Computes the logits.
   *
   * @param name prefix for the names of the nodes and weights
   * @param input as many features as the matrix has columns
   * @param output name that the result gets, {@code [rows of the input, 1, rows of the matrix]}
   */
  void multiplyByHead(String name, Matrix matrix, Rows input, String output) throws IOException;

  /**
   * Computes the logits with a table that {@link #lookUp} has already stored.
   *
   * @param table its name there
   */
  void multiplyByTable(String name, String table, Matrix matrix, Rows input, String output)
      throws IOException;
}
