package io.millrace.runtime.export.graph;

/**
 * Features of tokens in the graph.
 *
 * @param value its name, {@code [batch, sequence, features]}
 * @param tokenShape name of the shape {@code [batch, sequence, 1]}, int64; empty in a graph that
 *     works out no shapes
 */
record Activation(String value, String tokenShape) {

  Activation with(String otherValue) {
    return new Activation(otherValue, tokenShape);
  }
}
