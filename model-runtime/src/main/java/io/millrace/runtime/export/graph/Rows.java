package io.millrace.runtime.export.graph;

/**
 * A two-dimensional value in the graph: one row per token.
 *
 * @param value its name, {@code [count, features]}
 * @param count name of the number of rows, {@code [1]}, int64
 */
record Rows(String value, String count) {

  Rows with(String otherValue) {
    return new Rows(otherValue, count);
  }
}
