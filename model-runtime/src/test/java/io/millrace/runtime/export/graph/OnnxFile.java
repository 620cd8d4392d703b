package io.millrace.runtime.export.graph;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What a test asks of a model file, read with the field numbers of onnx.proto3.
 *
 * @param opsets version by domain
 * @param inputs element type and shape, such as {@code 7[batch, 1]}, by name
 * @param outputs the same of the outputs
 * @param constants element type by name
 */
record OnnxFile(
    long irVersion,
    Map<String, Long> opsets,
    List<Node> nodes,
    Map<String, String> inputs,
    Map<String, String> outputs,
    Map<String, Integer> constants) {

  static final int INT64 = 7;

  /** The element type of a precision's floats. */
  static int typeOf(Precision precision) {
    return switch (precision.floats()) {
      case FLOAT32 -> 1;
      case FLOAT16 -> 10;
      case BFLOAT16 -> 16;
    };
  }

  /** An operator and the names of its values. */
  record Node(String domain, String operator, List<String> inputs, List<String> outputs) {}

  /** Reads {@code model.onnx} of a model directory. */
  static OnnxFile read(Path model) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(model.resolve("model.onnx")));
    long[] irVersion = {0};
    Map<String, Long> opsets = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    Map<String, String> inputs = new LinkedHashMap<>();
    Map<String, String> outputs = new LinkedHashMap<>();
    Map<String, Integer> constants = new LinkedHashMap<>();
    fields(
        bytes.order(ByteOrder.LITTLE_ENDIAN),
        (field, value) -> {
          switch (field) {
            case 1 -> irVersion[0] = value.getLong();
            case 7 ->
                fields(
                    value,
                    (part, content) -> {
                      switch (part) {
                        case 1 -> nodes.add(node(content));
                        case 5 -> constant(content, constants);
                        case 11 -> value(content, inputs);
                        case 12 -> value(content, outputs);
                        default -> {}
                      }
                    });
            case 8 -> {
              opsets.put(text(part(value, 1)), part(value, 2).getLong());
            }
            default -> {}
          }
        });
    return new OnnxFile(irVersion[0], opsets, nodes, inputs, outputs, constants);
  }

  private static Node node(ByteBuffer message) {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String[] names = {"", ""};
    fields(
        message,
        (field, value) -> {
          switch (field) {
            case 1 -> inputs.add(text(value));
            case 2 -> outputs.add(text(value));
            case 4 -> names[1] = text(value);
            case 7 -> names[0] = text(value);
            default -> {}
          }
        });
    return new Node(names[0], names[1], inputs, outputs);
  }

  private static void constant(ByteBuffer message, Map<String, Integer> constants) {
    constants.put(text(part(message, 8)), (int) part(message, 2).getLong());
  }

  private static void value(ByteBuffer message, Map<String, String> values) {
    ByteBuffer tensor = part(part(message, 2), 1);
    List<String> dimensions = new ArrayList<>();
    fields(
        part(tensor, 2),
        (_, dimension) ->
            fields(
                dimension,
                (kind, content) ->
                    dimensions.add(kind == 1 ? Long.toString(content.getLong()) : text(content))));
    values.put(text(part(message, 1)), part(tensor, 1).getLong() + dimensions.toString());
  }

  /** The last value of a field; nothing if it is missing. */
  private static ByteBuffer part(ByteBuffer message, int number) {
    ByteBuffer[] last = {ByteBuffer.allocate(0)};
    fields(
        message.duplicate(),
        (field, value) -> {
          if (field == number) {
            last[0] = value;
          }
        });
    return last[0];
  }

  /** Numbers come as eight bytes. */
  private static void fields(ByteBuffer message, BiConsumer<Integer, ByteBuffer> each) {
    while (message.hasRemaining()) {
      long tag = varint(message);
      int length =
          switch ((int) (tag & 7)) {
            case 2 -> (int) varint(message);
            case 5 -> Float.BYTES;
            default -> 0;
          };
      ByteBuffer value;
      if (length == 0 && (tag & 7) == 0) {
        value = ByteBuffer.allocate(Long.BYTES).putLong(varint(message)).flip();
      } else {
        value = message.slice(message.position(), length);
        message.position(message.position() + length);
      }
      each.accept((int) (tag >>> 3), value);
    }
  }

  private static long varint(ByteBuffer message) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = message.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
