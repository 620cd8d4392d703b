package io.millrace.runtime.export.graph;

import java.io.IOException;

/** The rows of a call and their tokens, as the graph's inputs tell them. */
interface CallRows {

  /** Wraps a value with features of every token of the call. */
  Activation tokens(String value);

  /**
   * Keeps the last token of each row: {@code [batch, sequence, n]} to {@code [batch, 1, n]}.
   *
   * @param name that the result gets
   * @param features the last dimension of the input
   */
  Activation lastOfEachRow(String name, Activation input, int features) throws IOException;
}
