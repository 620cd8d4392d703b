package io.millrace.runtime.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the operators of an ONNX file, without loading its weights.
 *
 * <p>Walks the Protocol Buffers encoding of {@code onnx.proto}: {@code ModelProto.graph} is field
 * 7, {@code GraphProto.node} field 1, {@code NodeProto.op_type} field 4. Everything else is skipped
 * by its length.
 */
public final class GraphOperators {

  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int NODE_OPERATOR = 4;

  private static final int WIRE_VARINT = 0;
  private static final int WIRE_FIXED64 = 1;
  private static final int WIRE_LENGTH_DELIMITED = 2;
  private static final int WIRE_FIXED32 = 5;

  private final MemorySegment bytes;
  private final Map<String, Integer> counts = new TreeMap<>();

  private GraphOperators(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /**
   * @return how often each operator is used, by its name
   * @throws ModelException if the file cannot be read or is not ONNX
   */
  public static Map<String, Integer> count(Path file) {
    try (var channel = FileChannel.open(file);
        var arena = Arena.ofConfined()) {
      var operators = new GraphOperators(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
      operators.walk(0, channel.size(), MODEL_GRAPH);
      if (operators.counts.isEmpty()) {
        throw ModelException.in(file, "holds no ONNX graph");
      }
      return operators.counts;
    } catch (IndexOutOfBoundsException failure) {
      throw new ModelException(file + ": not an ONNX file, or cut short", failure);
    } catch (IOException failure) {
      throw new ModelException(file + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** Looks for one field in the message between two offsets and goes down from there. */
  private void walk(long start, long end, int wanted) {
    long position = start;
    while (position < end) {
      long tag = varint(position);
      position += varintBytes(position);
      int wireType = (int) (tag & 7);
      long contentStart = position;
      position = skip(position, wireType);
      if (tag >>> 3 == wanted && wireType == WIRE_LENGTH_DELIMITED) {
        descend(contentStart + varintBytes(contentStart), position, wanted);
      }
    }
  }

  private void descend(long start, long end, int found) {
    switch (found) {
      case MODEL_GRAPH -> walk(start, end, GRAPH_NODE);
      case GRAPH_NODE -> walk(start, end, NODE_OPERATOR);
      default -> {
        var name = bytes.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
        counts.merge(new String(name, StandardCharsets.UTF_8), 1, Integer::sum);
      }
    }
  }

  private long skip(long position, int wireType) {
    return switch (wireType) {
      case WIRE_VARINT -> position + varintBytes(position);
      case WIRE_FIXED64 -> position + Long.BYTES;
      case WIRE_FIXED32 -> position + Integer.BYTES;
      case WIRE_LENGTH_DELIMITED -> {
        long length = varint(position);
        long next = position + varintBytes(position) + length;
        if (length < 0 || next > bytes.byteSize()) {
          throw new IndexOutOfBoundsException("field ends after the file");
        }
        yield next;
      }
      default -> throw new IndexOutOfBoundsException("unknown wire type " + wireType);
    };
  }

  private long varint(long position) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = bytes.get(ValueLayout.JAVA_BYTE, position + shift / 7);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IndexOutOfBoundsException("number of more than ten bytes");
  }

  private int varintBytes(long position) {
    int length = 1;
    while (bytes.get(ValueLayout.JAVA_BYTE, position + length - 1) < 0) {
      length++;
    }
    return length;
  }
}
