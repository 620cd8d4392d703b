package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/** The gate of the feed-forward part, {@code silu(gate) * up}. */
final class SiluGate {

  private SiluGate() {}

  /** The whole feed-forward part for a format that has no shorter way. */
  static void feedForward(
      OnnxGraph graph,
      WeightFormat weights,
      String name,
      Matrix gate,
      Matrix up,
      Matrix down,
      Activation input,
      String output)
      throws IOException {
    String gateOutput = name + ".gate_proj/output";
    String upOutput = name + ".up_proj/output";
    weights.multiply(name + ".gate_proj", gate, input, gateOutput);
    weights.multiply(name + ".up_proj", up, input, upOutput);
    String gated = add(graph, name, gateOutput, upOutput);
    weights.multiply(name + ".down_proj", down, input.with(gated), output);
  }

  static String add(OnnxGraph graph, String name, String gate, String up) {
    // x · sigmoid(alpha · x) with alpha 1 is SiLU, in one pass.
    String activated =
        graph.node(
            MICROSOFT_DOMAIN,
            "QuickGelu",
            name + "/activated",
            List.of(gate),
            Attribute.of("alpha", 1f));
    return graph.node("", "Mul", name + "/gated", List.of(activated, up));
  }
}
