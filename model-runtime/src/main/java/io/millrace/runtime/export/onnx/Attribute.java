package io.millrace.runtime.export.onnx;

import java.util.ArrayList;
import java.util.List;

/** A constant parameter of a node. */
public sealed interface Attribute {

  String name();

  /** An attribute of type {@code INT}. */
  record Whole(String name, long value) implements Attribute {}

  /** An attribute of type {@code FLOAT}. */
  record Float32(String name, float value) implements Attribute {}

  /** An attribute of type {@code INTS}. */
  record Wholes(String name, List<Long> values) implements Attribute {}

  static Attribute of(String name, long first, long... others) {
    List<Long> values = new ArrayList<>(List.of(first));
    for (long other : others) {
      values.add(other);
    }
    return new Wholes(name, List.copyOf(values));
  }

  static Attribute of(String name, long value) {
    return new Whole(name, value);
  }

  static Attribute of(String name, float value) {
    return new Float32(name, value);
  }
}
