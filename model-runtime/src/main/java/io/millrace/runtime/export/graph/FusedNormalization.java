package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.util.List;

/** Sum and norm as one operator of ONNX Runtime's own. */
record FusedNormalization(OnnxGraph graph, float epsilon) implements Normalization {

  @Override
  public void normalize(String output, String input, String scales) {
    graph.node(
        "",
        "SimplifiedLayerNormalization",
        output,
        List.of(input, scales),
        Attribute.of("axis", -1),
        Attribute.of("epsilon", epsilon));
  }

  @Override
  public void addAndNormalize(
      String output, String sum, String residual, String addend, String scales) {
    graph.node(
        MICROSOFT_DOMAIN,
        "SkipSimplifiedLayerNormalization",
        sum.isEmpty() ? List.of(output) : List.of(output, "", "", sum),
        List.of(residual, addend, scales),
        Attribute.of("epsilon", epsilon));
  }
}
