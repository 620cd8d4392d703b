package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.util.List;

/** Attention as one operator of ONNX Runtime's own. */
record GroupQueryAttention(
    OnnxGraph graph, LlamaConfig config, RowLengths lengths, RotaryTables rotations)
    implements Attention {

  @Override
  public void attend(int layer, String name, String projected) {
    graph.node(
        MICROSOFT_DOMAIN,
        "GroupQueryAttention",
        List.of(name, KeyValueCaches.presentKeys(layer), KeyValueCaches.presentValues(layer)),
        List.of(
            projected,
            "",
            "",
            KeyValueCaches.pastKeys(layer),
            KeyValueCaches.pastValues(layer),
            lengths.lastPositions(),
            lengths.totalLength(),
            rotations.cosines(),
            rotations.sines()),
        Attribute.of("num_heads", config.attentionHeads()),
        Attribute.of("kv_num_heads", config.keyValueHeads()),
        Attribute.of("do_rotary", 1));
  }
}
