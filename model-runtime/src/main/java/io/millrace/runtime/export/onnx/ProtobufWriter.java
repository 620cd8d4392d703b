package io.millrace.runtime.export.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One protobuf message in the making, in the wire format of <a
 * href="https://protobuf.dev/programming-guides/encoding/">the encoding guide</a>.
 *
 * <p>Payloads are kept by reference, not copied, so that a message may hold weights of many
 * megabytes: do not change a buffer after handing it over. Not for use by several threads.
 */
final class ProtobufWriter {

  private static final int WIRE_VARINT = 0;
  private static final int WIRE_LENGTH_DELIMITED = 2;
  private static final int WIRE_32_BIT = 5;
  private static final int MAX_VARINT_BYTES = 10;

  private final List<ByteBuffer> segments = new ArrayList<>();
  private long size;

  ProtobufWriter integer(int field, long value) {
    ByteBuffer buffer = ByteBuffer.allocate(2 * MAX_VARINT_BYTES);
    putTag(buffer, field, WIRE_VARINT);
    putVarint(buffer, value);
    return append(buffer.flip());
  }

  ProtobufWriter float32(int field, float value) {
    ByteBuffer buffer =
        ByteBuffer.allocate(MAX_VARINT_BYTES + Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    putTag(buffer, field, WIRE_32_BIT);
    buffer.putFloat(value);
    return append(buffer.flip());
  }

  ProtobufWriter string(int field, String value) {
    return bytes(field, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
  }

  /** Appends the remaining bytes of the buffer as a field of type {@code bytes}. */
  ProtobufWriter bytes(int field, ByteBuffer value) {
    ByteBuffer header = ByteBuffer.allocate(2 * MAX_VARINT_BYTES);
    putTag(header, field, WIRE_LENGTH_DELIMITED);
    putVarint(header, value.remaining());
    return append(header.flip()).append(value.slice());
  }

  ProtobufWriter message(int field, ProtobufWriter value) {
    ByteBuffer header = ByteBuffer.allocate(2 * MAX_VARINT_BYTES);
    putTag(header, field, WIRE_LENGTH_DELIMITED);
    putVarint(header, value.size);
    return append(header.flip()).append(value);
  }

  /** Appends the fields of another message to this one. */
  ProtobufWriter append(ProtobufWriter fields) {
    fields.segments.forEach(this::append);
    return this;
  }

  /** Length of the encoded message in bytes. */
  long size() {
    return size;
  }

  void writeTo(WritableByteChannel channel) throws IOException {
    for (ByteBuffer segment : segments) {
      ByteBuffer remaining = segment.duplicate();
      while (remaining.hasRemaining()) {
        channel.write(remaining);
      }
    }
  }

  private ProtobufWriter append(ByteBuffer segment) {
    segments.add(segment);
    size += segment.remaining();
    return this;
  }

  private static void putTag(ByteBuffer buffer, int field, int wireType) {
    putVarint(buffer, ((long) field << 3) | wireType);
  }

  private static void putVarint(ByteBuffer buffer, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    buffer.put((byte) rest);
  }
}
