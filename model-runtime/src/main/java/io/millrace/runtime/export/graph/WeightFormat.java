package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Matrix;
import java.io.IOException;

/**
 * How the matrices of a model are stored, and the nodes that multiply with them.
 *
 * <p>Whatever the format, a token's result depends on that token's input alone, bit for bit: no
 * scale is ever taken over a batch.
 */
interface WeightFormat {

  /**
   * Looks up the rows of an embedding.
   *
   * @param name of the table, under which {@link #multiplyByTable} finds it again
   * @param tokens name of the ids, {@code [batch, sequence]}
   * @return name of the result, {@code [batch, sequence, columns of the table]}
   */
  String lookUp(String name, Matrix table, String tokens) throws IOException;

  /**
   * Multiplies by a matrix.
   *
   * @param name prefix for the names of nodes and weights
   * @param input as many features as the matrix has columns
   * @param output name that the result gets: as many features as the matrix has rows
   */
  void multiply(String name, Matrix matrix, Activation input, String output) throws IOException;

  /**
   * Multiplies by a table that {@link #lookUp} has stored.
   *
   * @param table its name there
   */
  void multiplyByTable(String name, String table, Matrix matrix, Activation input, String output)
      throws IOException;

  /**
   * Computes {@code down · (silu(gate · input) * (up · input))}.
   *
   * @param name prefix for the names of nodes and weights
   * @param output name that the result gets
   */
  void feedForward(
      String name, Matrix gate, Matrix up, Matrix down, Activation input, String output)
      throws IOException;
}
