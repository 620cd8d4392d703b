package io.millrace.runtime.export.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which values of a graph lie in host memory when ONNX Runtime runs it on a GPU. */
final class HostValues {

  /** Inputs that CUDA kernels take from the host; for Shape, the shape of any tensor. */
  private static final Map<String, Set<Integer>> HOST_INPUTS =
      Map.of(
          "Slice", Set.of(1, 2, 3, 4),
          "Reshape", Set.of(1),
          "Expand", Set.of(1),
          "Squeeze", Set.of(1),
          "Unsqueeze", Set.of(1),
          "GroupQueryAttention", Set.of(6));

  private HostValues() {}

  /** Shapes, and what nodes compute of nothing else and constants. */
  static Set<String> of(OnnxFile graph) {
    Set<String> host = new HashSet<>();
    for (OnnxFile.Node node : graph.nodes()) {
      if (node.operator().equals("Shape") || runsOnHost(node, host)) {
        host.addAll(node.outputs());
      }
    }
    return host;
  }

  /** Where a value is on the other side than its reader wants it. */
  static List<String> crossings(OnnxFile graph) {
    Set<String> host = of(graph);
    List<String> crossings = new ArrayList<>();
    for (OnnxFile.Node node : graph.nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        String input = node.inputs().get(i);
        boolean anywhere =
            input.isEmpty()
                || graph.constants().containsKey(input)
                || node.operator().equals("Shape");
        boolean wantsHost =
            host.contains(node.outputs().getFirst()) || isHostInput(node.operator(), i);
        if (!anywhere && wantsHost != host.contains(input)) {
          crossings.add(node.operator() + " " + node.outputs().getFirst() + " reads " + input);
        }
      }
    }
    return crossings;
  }

  /** One small input on the host moves a node there, unless its kernel wants that input there. */
  private static boolean runsOnHost(OnnxFile.Node node, Set<String> host) {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (host.contains(node.inputs().get(i)) && !isHostInput(node.operator(), i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHostInput(String operator, int index) {
    return HOST_INPUTS.getOrDefault(operator, Set.of()).contains(index);
  }
}
