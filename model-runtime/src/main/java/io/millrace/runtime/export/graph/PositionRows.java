package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The rows as {@code input_ids} and {@code position_ids} tell them: the form for GPUs.
 *
 * <p>Everything comes from the first and the last column of the positions, by operators whose CUDA
 * kernels take nothing from host memory: no reduction (it would need cuDNN), and no GatherND (its
 * kernel copies strides from the stack, which a captured graph would read again after they are
 * gone).
 */
final class PositionRows implements CallRows {

  static final String POSITIONS = "position_ids";

  /** {@code TensorProto.INT32}. */
  private static final int INT32 = 6;

  private final OnnxGraph graph;
  private final String firstPositions;
  private final String lastTokens;
  private final Map<Integer, String> lastTokensByFeatures = new HashMap<>();

  private PositionRows(OnnxGraph graph, String firstPositions, String lastTokens) {
    this.graph = graph;
    this.firstPositions = firstPositions;
    this.lastTokens = lastTokens;
  }

  /** Declares the two inputs and adds the nodes. */
  static PositionRows declare(OnnxGraph graph) throws IOException {
    List<Dimension> shape = List.of(Dimension.of("batch"), Dimension.of("sequence"));
    graph.input(DecoderGraph.TOKENS, ElementType.INT64, shape);
    graph.input(POSITIONS, ElementType.INT64, shape);
    String first = column(graph, "call/first_positions", 0);
    String last = column(graph, "call/last_positions", -1);
    String lastTokens = graph.node("", "Sub", "call/last_tokens", List.of(last, first));
    String axes = graph.longs("call/token_axes", 1, 2);
    return new PositionRows(
        graph,
        first,
        graph.node("", "Unsqueeze", "call/last_tokens_of_rows", List.of(lastTokens, axes)));
  }

  /** Position of each row's first token in this call, {@code [batch]}, int64. */
  String firstPositions() {
    return firstPositions;
  }

  /**
   * Adds what GroupQueryAttention needs.
   *
   * <p>The lengths count the padding, since the operator takes the whole sequence off them to find
   * the past: so a padded row starts where it should. The number of columns becomes a value on the
   * GPU by cutting a constant: a kernel takes the end of a slice from host memory.
   *
   * @param pastKeys name of a cache, whose capacity becomes the total length
   * @param contextLength the longest sequence
   */
  RowLengths lengths(String pastKeys, int contextLength) throws IOException {
    String sequence =
        graph.node(
            "", "Shape", "call/sequence", List.of(DecoderGraph.TOKENS), Attribute.of("start", 1));
    String columns =
        graph.node(
            "",
            "Slice",
            "call/columns",
            List.of(
                graph.longs("call/indices", range(contextLength)),
                graph.longs("call/start", 0),
                sequence));
    String lastColumn =
        graph.node(
            "", "Gather", "call/last_column", List.of(columns, graph.longScalar("call/last", -1)));
    String lastPositions =
        graph.node("", "Add", "call/last_padded_positions", List.of(firstPositions, lastColumn));
    String capacity =
        graph.node(
            "",
            "Shape",
            "call/capacity",
            List.of(pastKeys),
            Attribute.of("start", 2),
            Attribute.of("end", 3));
    return new RowLengths(
        narrow(lastPositions, "call/sequence_lengths"), narrow(capacity, "call/total_length"));
  }

  @Override
  public Activation tokens(String value) {
    return new Activation(value, "");
  }

  @Override
  public Activation lastOfEachRow(String name, Activation input, int features) throws IOException {
    return tokens(
        graph.node(
            "",
            "GatherElements",
            name,
            List.of(input.value(), lastTokens(features)),
            Attribute.of("axis", 1)));
  }

  /** GatherElements wants an index for each element: {@code [batch, 1, features]}. */
  private String lastTokens(int features) throws IOException {
    String known = lastTokensByFeatures.get(features);
    if (known != null) {
      return known;
    }
    String name = "call/last_tokens/" + features;
    String shape = graph.longs(name + "/shape", 1, 1, features);
    String indices = graph.node("", "Expand", name, List.of(lastTokens, shape));
    lastTokensByFeatures.put(features, indices);
    return indices;
  }

  /** The numbers from 0 to a length, less one. */
  static long[] range(int length) {
    return LongStream.range(0, length).toArray();
  }

  private static String column(OnnxGraph graph, String name, int index) throws IOException {
    return graph.node(
        "",
        "Gather",
        name,
        List.of(POSITIONS, graph.longScalar(name + "/index", index)),
        Attribute.of("axis", 1));
  }

  private String narrow(String value, String name) {
    return graph.node("", "Cast", name, List.of(value), Attribute.of("to", INT32));
  }
}
