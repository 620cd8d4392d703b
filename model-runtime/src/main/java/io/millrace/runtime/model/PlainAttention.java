package io.millrace.runtime.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tells whether all attention of a graph is the plain kind of ONNX Runtime's GroupQueryAttention:
 * causal over the whole past, with rotary embeddings whose second half is rotated against the
 * first, and nothing else that the operator knows.
 *
 * <p>In {@code onnx.proto}, {@code GraphProto.node} is field 1; {@code NodeProto.input}, {@code
 * output}, {@code op_type}, {@code attribute} and {@code domain} are 1, 2, 4, 5 and 7; {@code
 * AttributeProto.name}, {@code f} and {@code i} are 1, 2 and 3.
 */
public final class PlainAttention {

  private static final int GRAPH_NODE = 1;
  private static final int NODE_INPUT = 1;
  private static final int NODE_OUTPUT = 2;
  private static final int NODE_OPERATOR = 4;
  private static final int NODE_ATTRIBUTE = 5;
  private static final int NODE_DOMAIN = 7;
  private static final int ATTRIBUTE_NAME = 1;
  private static final int ATTRIBUTE_FLOAT = 2;
  private static final int ATTRIBUTE_INTEGER = 3;

  private static final String DOMAIN = "com.microsoft";
  private static final String OPERATOR = "GroupQueryAttention";

  /** Query, past, lengths and rotations; keys and values may be packed with the queries. */
  private static final Set<Integer> WANTED_INPUTS = Set.of(0, 3, 4, 5, 6, 7, 8);

  private static final int INPUTS = 9;
  private static final int OUTPUTS = 3;

  private static final Set<String> SHAPE = Set.of("num_heads", "kv_num_heads", "scale");

  /** Further attributes, and the value of each that means nothing special. */
  private static final Map<String, Long> USUAL =
      Map.of("do_rotary", 1L, "rotary_interleaved", 0L, "local_window_size", -1L);

  private PlainAttention() {}

  /**
   * @throws ModelException if the file cannot be read or is not ONNX
   */
  public static boolean isAllOf(Path file) {
    return OnnxFile.readGraph(file, PlainAttention::isAllOf);
  }

  private static boolean isAllOf(ProtobufMessage graph) {
    var nodes =
        graph.messages(GRAPH_NODE).stream()
            .filter(node -> node.text(NODE_OPERATOR).filter(OPERATOR::equals).isPresent())
            .toList();
    return !nodes.isEmpty() && nodes.stream().allMatch(PlainAttention::isPlain);
  }

  private static boolean isPlain(ProtobufMessage node) {
    return node.text(NODE_DOMAIN).filter(DOMAIN::equals).isPresent()
        && node.texts(NODE_INPUT).stream().skip(INPUTS).allMatch(String::isEmpty)
        && given(node.texts(NODE_INPUT)).containsAll(WANTED_INPUTS)
        && node.texts(NODE_OUTPUT).stream().skip(OUTPUTS).allMatch(String::isEmpty)
        && given(node.texts(NODE_OUTPUT)).size() == OUTPUTS
        && node.messages(NODE_ATTRIBUTE).stream().allMatch(PlainAttention::isUsual)
        && node.messages(NODE_ATTRIBUTE).stream().anyMatch(PlainAttention::isRotary);
  }

  private static Set<Integer> given(List<String> names) {
    return IntStream.range(0, names.size())
        .filter(index -> !names.get(index).isEmpty())
        .boxed()
        .collect(Collectors.toSet());
  }

  private static boolean isRotary(ProtobufMessage attribute) {
    return attribute.text(ATTRIBUTE_NAME).filter("do_rotary"::equals).isPresent();
  }

  private static boolean isUsual(ProtobufMessage attribute) {
    var name = attribute.text(ATTRIBUTE_NAME).orElse("");
    long integer = attribute.integer(ATTRIBUTE_INTEGER).orElse(0);
    float number = attribute.floatingPoint(ATTRIBUTE_FLOAT).orElse(0f);
    return SHAPE.contains(name)
        || (USUAL.containsKey(name) ? USUAL.get(name) == integer : integer == 0 && number == 0);
  }
}
