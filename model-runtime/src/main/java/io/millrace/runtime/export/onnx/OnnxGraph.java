package io.millrace.runtime.export.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph under construction: nodes in the order in which they run, weights, inputs and outputs.
 *
 * <p>Values are known by name. Field numbers are those of <a
 * href="https://github.com/onnx/onnx/blob/v1.18.0/onnx/onnx.proto3">onnx.proto3</a>. Not for use by
 * several threads.
 */
public final class OnnxGraph {

  /** The domain of ONNX Runtime's own operators. */
  public static final String MICROSOFT_DOMAIN = "com.microsoft";

  /** The domain of Millrace's own operators. */
  public static final String MILLRACE_DOMAIN = "io.millrace";

  private static final int DATA_LOCATION_EXTERNAL = 1;

  /** Smaller tensors stay in the model file: a shape or a scalar is not worth a page. */
  private static final int SMALLEST_EXTERNAL_BYTES = 1024;

  private final String name;
  private final @Nullable WeightFile weightFile;
  private final OperatorSets operatorSets;
  private final ProtobufWriter nodes = new ProtobufWriter();
  private final ProtobufWriter initializers = new ProtobufWriter();
  private final ProtobufWriter inputs = new ProtobufWriter();
  private final ProtobufWriter outputs = new ProtobufWriter();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Set<String> valueNames = new HashSet<>();

  /**
   * @param name of the graph
   * @param weightFile where large tensors go; null keeps all of them in the model file, which then
   *     must stay below protobuf's 2 GiB
   * @param operatorSets the operators that nodes may have
   */
  public OnnxGraph(String name, @Nullable WeightFile weightFile, OperatorSets operatorSets) {
    this.name = name;
    this.weightFile = weightFile;
    this.operatorSets = operatorSets;
  }

  /** A graph of {@link OperatorSets#STANDARD_21_AND_MICROSOFT}. */
  public OnnxGraph(String name, @Nullable WeightFile weightFile) {
    this(name, weightFile, OperatorSets.STANDARD_21_AND_MICROSOFT);
  }

  public void input(String name, ElementType type, List<Dimension> shape) {
    define(name);
    inputs.message(11, valueInfo(name, type, shape));
  }

  /** Declares a value that a node has defined, or will define, as an output of the graph. */
  public void output(String name, ElementType type, List<Dimension> shape) {
    outputs.message(12, valueInfo(name, type, shape));
  }

  /** Adds a key and a value that tools may show; the run time ignores them. */
  public void metadata(String key, String value) {
    metadata.put(key, value);
  }

  /**
   * Adds a constant and returns its name.
   *
   * @param content elements in row-major order, little-endian, from position to limit
   * @throws IllegalArgumentException if the content does not have the shape's size
   */
  public String initializer(String name, ElementType type, long[] shape, ByteBuffer content)
      throws IOException {
    define(name);
    long expectedBytes = type.bytes();
    ProtobufWriter tensor = new ProtobufWriter();
    for (long length : shape) {
      expectedBytes *= length;
      tensor.integer(1, length);
    }
    if (expectedBytes != content.remaining()) {
      throw new IllegalArgumentException(
          name + " has " + content.remaining() + " bytes, its shape wants " + expectedBytes);
    }
    tensor.integer(2, type.number()).string(8, name);
    if (weightFile == null || expectedBytes < SMALLEST_EXTERNAL_BYTES) {
      tensor.bytes(9, content);
    } else {
      long offset = weightFile.append(content);
      tensor
          .message(13, entry("location", weightFile.name()))
          .message(13, entry("offset", Long.toString(offset)))
          .message(13, entry("length", Long.toString(expectedBytes)))
          .integer(14, DATA_LOCATION_EXTERNAL);
    }
    initializers.message(5, tensor);
    return name;
  }

  public String floats(String name, long[] shape, float... values) throws IOException {
    return floats(name, FloatFormat.FLOAT32, shape, values);
  }

  public String floats(String name, FloatFormat format, long[] shape, float... values)
      throws IOException {
    ByteBuffer content = littleEndian((long) values.length * format.elementType().bytes());
    for (float value : values) {
      format.put(content, value);
    }
    return initializer(name, format.elementType(), shape, content.flip());
  }

  public String longs(String name, long... values) throws IOException {
    ByteBuffer content = littleEndian((long) values.length * Long.BYTES);
    content.asLongBuffer().put(values);
    return initializer(name, ElementType.INT64, new long[] {values.length}, content);
  }

  /** Adds a 64-bit integer without dimensions. */
  public String longScalar(String name, long value) throws IOException {
    ByteBuffer content = littleEndian(Long.BYTES).putLong(value).flip();
    return initializer(name, ElementType.INT64, new long[0], content);
  }

  /** Adds a node with one output and returns the output's name. */
  public String node(
      String domain, String operator, String output, List<String> inputs, Attribute... attributes) {
    node(domain, operator, List.of(output), inputs, attributes);
    return output;
  }

  /**
   * Adds a node.
   *
   * @param domain empty for the standard operators
   * @param outputs names that no other value has; an empty one leaves an optional output out
   * @param inputs names of defined values; an empty one leaves an optional input out
   */
  public void node(
      String domain,
      String operator,
      List<String> outputs,
      List<String> inputs,
      Attribute... attributes) {
    if (!domain.isEmpty() && !operatorSets.otherDomains().contains(domain)) {
      throw new IllegalArgumentException(operator + " is not among the operators of the graph");
    }
    ProtobufWriter node = new ProtobufWriter();
    for (String input : inputs) {
      if (!input.isEmpty() && !valueNames.contains(input)) {
        throw new IllegalArgumentException(operator + " reads " + input + ", which is not defined");
      }
      node.string(1, input);
    }
    for (String output : outputs) {
      if (!output.isEmpty()) {
        define(output);
      }
      node.string(2, output);
    }
    node.string(3, outputs.getFirst() + "/" + operator).string(4, operator);
    for (Attribute attribute : attributes) {
      node.message(5, encode(attribute));
    }
    if (!domain.isEmpty()) {
      node.string(7, domain);
    }
    nodes.message(1, node);
  }

  /** Writes the model file; large tensors are already in the weight file. */
  public void writeTo(Path path) throws IOException {
    ProtobufWriter graph = new ProtobufWriter();
    graph.append(nodes).string(2, name).append(initializers).append(inputs).append(outputs);
    ProtobufWriter model =
        new ProtobufWriter().integer(1, operatorSets.irVersion()).string(2, "millrace");
    model.message(7, graph);
    model.message(8, new ProtobufWriter().string(1, "").integer(2, operatorSets.standardVersion()));
    for (String domain : operatorSets.otherDomains()) {
      model.message(8, new ProtobufWriter().string(1, domain).integer(2, 1));
    }
    metadata.forEach((key, value) -> model.message(14, entry(key, value)));
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      model.writeTo(channel);
    }
  }

  /** A zeroed little-endian buffer. */
  public static ByteBuffer littleEndian(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void define(String name) {
    if (!valueNames.add(name)) {
      throw new IllegalArgumentException(name + " is defined twice");
    }
  }

  private static ProtobufWriter encode(Attribute attribute) {
    ProtobufWriter encoded = new ProtobufWriter().string(1, attribute.name());
    return switch (attribute) {
      case Attribute.Float32(var _, var value) -> encoded.float32(2, value).integer(20, 1);
      case Attribute.Whole(var _, var value) -> encoded.integer(3, value).integer(20, 2);
      case Attribute.Wholes(var _, var values) -> {
        values.forEach(value -> encoded.integer(8, value));
        yield encoded.integer(20, 7);
      }
    };
  }

  private static ProtobufWriter valueInfo(String name, ElementType type, List<Dimension> shape) {
    ProtobufWriter dimensions = new ProtobufWriter();
    for (Dimension dimension : shape) {
      ProtobufWriter encoded = new ProtobufWriter();
      switch (dimension) {
        case Dimension.Fixed(var length) -> encoded.integer(1, length);
        case Dimension.Named(var named) -> encoded.string(2, named);
      }
      dimensions.message(1, encoded);
    }
    ProtobufWriter tensor = new ProtobufWriter().integer(1, type.number()).message(2, dimensions);
    return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor));
  }

  private static ProtobufWriter entry(String key, String value) {
    return new ProtobufWriter().string(1, key).string(2, value);
  }
}
