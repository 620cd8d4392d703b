package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.util.List;

/** The names of the caches, and their declaration as inputs and outputs. */
final class KeyValueCaches {

  private KeyValueCaches() {}

  /** Declares all caches, {@code [batch, key-value heads, capacity, head size]}. */
  static void declare(OnnxGraph graph, LlamaConfig config, ElementType type, Dimension capacity) {
    List<Dimension> shape =
        List.of(
            Dimension.of("batch"),
            Dimension.of(config.keyValueHeads()),
            capacity,
            Dimension.of(config.headSize()));
    for (int layer = 0; layer < config.layers(); layer++) {
      graph.input(pastKeys(layer), type, shape);
      graph.output(presentKeys(layer), type, shape);
      graph.input(pastValues(layer), type, shape);
      graph.output(presentValues(layer), type, shape);
    }
  }

  static String pastKeys(int layer) {
    return "past_key_values." + layer + ".key";
  }

  static String pastValues(int layer) {
    return "past_key_values." + layer + ".value";
  }

  static String presentKeys(int layer) {
    return "present." + layer + ".key";
  }

  static String presentValues(int layer) {
    return "present." + layer + ".value";
  }
}
