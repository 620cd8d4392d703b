package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/**
 * Attention by RotaryEmbedding, TensorScatter and Attention, in the form that TensorRT's parser
 * takes (onnxOpImporters.cpp of onnx-tensorrt 10.15 and <a
 * href="https://docs.nvidia.com/deeplearning/tensorrt/latest/_static/operators/KVCacheUpdate.html">
 * KVCacheUpdate</a>): the caches are inputs and outputs of the graph with a fixed capacity,
 * TensorScatter alone stands between the two, and Attention has four inputs of rank 4 and one
 * output. Reshapes copy the dimensions that a run chooses, so none is computed.
 */
final class StandardAttention implements Attention {

  /** From {@code [batch, sequence, heads, head size]} to heads first, and back. */
  private static final Attribute SWAP_HEADS_AND_SEQUENCE = Attribute.of("perm", 0, 2, 1, 3);

  private final OnnxGraph graph;
  private final RotaryTables rotations;
  private final String writeIndices;
  private final String mask;
  private final String parts;
  private final String queryShape;
  private final String keyShape;
  private final String flatShape;
  private final float scale;

  /**
   * Adds what the layers share.
   *
   * @param capacity of the caches
   */
  StandardAttention(
      OnnxGraph graph, LlamaConfig config, PositionRows rows, RotaryTables rotations, int capacity)
      throws IOException {
    this.graph = graph;
    this.rotations = rotations;
    this.writeIndices = rows.firstPositions();
    this.mask = mask(graph, capacity);
    this.parts =
        graph.longs(
            "attention/parts", config.querySize(), config.keyValueSize(), config.keyValueSize());
    this.queryShape =
        graph.longs("attention/query_shape", 0, 0, config.attentionHeads(), config.headSize());
    this.keyShape =
        graph.longs("attention/key_shape", 0, 0, config.keyValueHeads(), config.headSize());
    this.flatShape = graph.longs("attention/flat_shape", 0, 0, config.querySize());
    this.scale = (float) (1 / Math.sqrt(config.headSize()));
  }

  /**
   * What a token may see, {@code [batch, 1, sequence, capacity]}: true where the cached position is
   * not after its own. What padding wrote, and what an earlier sequence left behind, is after it.
   */
  private static String mask(OnnxGraph graph, int capacity) throws IOException {
    String axes = graph.longs("attention/mask_axes", 1, 3);
    String positions =
        graph.node("", "Unsqueeze", "attention/positions", List.of(PositionRows.POSITIONS, axes));
    String cached = graph.longs("attention/cached_positions", PositionRows.range(capacity));
    return graph.node("", "LessOrEqual", "attention/mask", List.of(cached, positions));
  }

  @Override
  public void attend(int layer, String name, String projected) {
    String query = name + "/query";
    String key = name + "/key";
    String value = name + "/value";
    graph.node(
        "",
        "Split",
        List.of(query, key, value),
        List.of(projected, parts),
        Attribute.of("axis", -1));
    String rotatedQuery = rotate(heads(query, queryShape));
    String keys = KeyValueCaches.presentKeys(layer);
    String values = KeyValueCaches.presentValues(layer);
    write(KeyValueCaches.pastKeys(layer), rotate(heads(key, keyShape)), keys);
    write(KeyValueCaches.pastValues(layer), heads(value, keyShape), values);
    String attended =
        graph.node(
            "",
            "Attention",
            name + "/heads",
            List.of(rotatedQuery, keys, values, mask),
            Attribute.of("scale", scale));
    String together =
        graph.node(
            "", "Transpose", name + "/heads_last", List.of(attended), SWAP_HEADS_AND_SEQUENCE);
    graph.node("", "Reshape", name, List.of(together, flatShape));
  }

  /** From {@code [batch, sequence, features]} to {@code [batch, heads, sequence, head size]}. */
  private String heads(String value, String shape) {
    String split = graph.node("", "Reshape", value + "/heads_last", List.of(value, shape));
    return graph.node("", "Transpose", value + "/heads", List.of(split), SWAP_HEADS_AND_SEQUENCE);
  }

  private String rotate(String heads) {
    return graph.node(
        "",
        "RotaryEmbedding",
        heads + "/rotated",
        List.of(heads, rotations.cosines(), rotations.sines(), PositionRows.POSITIONS));
  }

  private void write(String past, String update, String present) {
    graph.node("", "TensorScatter", present, List.of(past, update, writeIndices));
  }
}
