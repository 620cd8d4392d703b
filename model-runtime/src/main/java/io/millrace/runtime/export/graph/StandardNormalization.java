package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.util.List;

/** Norms by RMSNormalization, which computes in 32 bits whatever it reads and writes. */
record StandardNormalization(OnnxGraph graph, float epsilon) implements Normalization {

  @Override
  public void normalize(String output, String input, String scales) {
    graph.node(
        "",
        "RMSNormalization",
        output,
        List.of(input, scales),
        Attribute.of("axis", -1),
        Attribute.of("epsilon", epsilon));
  }

  @Override
  public void addAndNormalize(
      String output, String sum, String residual, String addend, String scales) {
    String named = sum.isEmpty() ? output + "/sum" : sum;
    normalize(output, graph.node("", "Add", named, List.of(residual, addend)), scales);
  }
}
