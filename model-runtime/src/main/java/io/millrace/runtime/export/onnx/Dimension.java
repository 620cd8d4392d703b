package io.millrace.runtime.export.onnx;

/**
 * One axis of a graph input or output: a fixed length, or a name for a length known at run time.
 */
public sealed interface Dimension {

  /** A length known at export. */
  record Fixed(long length) implements Dimension {}

  /** A length that each run chooses; the same name means the same length. */
  record Named(String name) implements Dimension {}

  static Dimension of(long length) {
    return new Fixed(length);
  }

  static Dimension of(String name) {
    return new Named(name);
  }
}
