package io.millrace.runtime.model;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the operators of an ONNX file, without loading its weights.
 *
 * <p>In {@code onnx.proto}, {@code GraphProto.node} is field 1 and {@code NodeProto.op_type} field
 * 4.
 */
public final class GraphOperators {

  private static final int GRAPH_NODE = 1;
  private static final int NODE_OPERATOR = 4;

  private GraphOperators() {}

  /**
   * @return how often each operator is used, by its name
   * @throws ModelException if the file cannot be read or is not ONNX
   */
  public static Map<String, Integer> count(Path file) {
    var counts = OnnxFile.readGraph(file, GraphOperators::count);
    if (counts.isEmpty()) {
      throw ModelException.in(file, "holds no ONNX graph");
    }
    return counts;
  }

  private static Map<String, Integer> count(ProtobufMessage graph) {
    Map<String, Integer> counts = new TreeMap<>();
    for (var node : graph.messages(GRAPH_NODE)) {
      node.text(NODE_OPERATOR).ifPresent(name -> counts.merge(name, 1, Integer::sum));
    }
    return counts;
  }
}
