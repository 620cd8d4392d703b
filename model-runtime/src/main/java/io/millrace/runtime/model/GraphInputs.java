package io.millrace.runtime.model;

import io.millrace.runtime.device.FloatType;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Says what an ONNX file's inputs are, without loading its weights.
 *
 * <p>In {@code onnx.proto}, {@code GraphProto.input} is field 11; {@code ValueInfoProto.name} and
 * {@code type} are 1 and 2; {@code TypeProto.tensor_type} is 1 and its {@code elem_type} 1.
 */
public final class GraphInputs {

  private static final int GRAPH_INPUT = 11;
  private static final int INPUT_NAME = 1;
  private static final int INPUT_TYPE = 2;
  private static final int TYPE_TENSOR = 1;
  private static final int TENSOR_ELEMENTS = 1;

  private GraphInputs() {}

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
