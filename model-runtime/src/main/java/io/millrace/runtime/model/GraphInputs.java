package io.millrace.runtime.model;

import io.millrace.runtime.device.FloatType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Says what an ONNX file's inputs are, without loading its weights.
 *
 * <p>In {@code onnx.proto}, {@code GraphProto.input} is field 11; {@code ValueInfoProto.name} and
 * {@code type} are 1 and 2; {@code TypeProto.tensor_type} is 1, its {@code elem_type} and {@code
 * shape} 1 and 2; {@code TensorShapeProto.dim} is 1 and its {@code dim_value} 1.
 */
public final class GraphInputs {

  private static final int GRAPH_INPUT = 11;
  private static final int INPUT_NAME = 1;
  private static final int INPUT_TYPE = 2;
  private static final int TYPE_TENSOR = 1;
  private static final int TENSOR_ELEMENTS = 1;
  private static final int TENSOR_SHAPE = 2;
  private static final int SHAPE_DIMENSION = 1;
  private static final int DIMENSION_LENGTH = 1;

  private GraphInputs() {}

  /**
   * The shapes of all inputs by their names, in the graph's order; a length that each run chooses
   * is empty.
   *
   * @throws ModelException if the file cannot be read or is not ONNX
   */
  public static Map<String, List<OptionalLong>> shapes(Path file) {
    return OnnxFile.readGraph(file, GraphInputs::shapes);
  }

  private static Map<String, List<OptionalLong>> shapes(ProtobufMessage graph) {
    Map<String, List<OptionalLong>> shapes = new LinkedHashMap<>();
    for (var input : graph.messages(GRAPH_INPUT)) {
      var shape =
          input
              .message(INPUT_TYPE)
              .flatMap(type -> type.message(TYPE_TENSOR))
              .flatMap(tensor -> tensor.message(TENSOR_SHAPE));
      if (shape.isPresent()) {
        shapes.put(
            input.text(INPUT_NAME).orElse(""),
            shape.get().messages(SHAPE_DIMENSION).stream()
                .map(dimension -> dimension.integer(DIMENSION_LENGTH))
                .toList());
      }
    }
    return shapes;
  }

  /**
   * The format of the numbers that an input takes.
   *
   * @return empty if there is no input of that name, or its elements are no floating-point numbers
   * @throws ModelException if the file cannot be read or is not ONNX
   */
  public static Optional<FloatType> floatType(Path file, String input) {
    return OnnxFile.readGraph(file, graph -> floatType(graph, input));
  }

  private static Optional<FloatType> floatType(ProtobufMessage graph, String name) {
    return graph.messages(GRAPH_INPUT).stream()
        .filter(input -> input.text(INPUT_NAME).filter(name::equals).isPresent())
        .findFirst()
        .flatMap(input -> input.message(INPUT_TYPE))
        .flatMap(type -> type.message(TYPE_TENSOR))
        .flatMap(tensor -> floatType(tensor.integer(TENSOR_ELEMENTS).orElse(0)));
  }

  /** By its number in {@code TensorProto.DataType}. */
  private static Optional<FloatType> floatType(long number) {
    return switch ((int) number) {
      case 1 -> Optional.of(FloatType.FLOAT32);
      case 10 -> Optional.of(FloatType.FLOAT16);
      case 16 -> Optional.of(FloatType.BFLOAT16);
      default -> Optional.empty();
    };
  }
}
