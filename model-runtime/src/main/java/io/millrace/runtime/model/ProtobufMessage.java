package io.millrace.runtime.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A message in the <a href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers
 * encoding</a>, of which only what is asked for is read; everything else is skipped by its length.
 *
 * <p>All methods throw {@link IndexOutOfBoundsException} if the bytes are no such message, or are
 * cut short.
 */
final class ProtobufMessage {

  private static final int WIRE_VARINT = 0;
  private static final int WIRE_FIXED64 = 1;
  private static final int WIRE_LENGTH_DELIMITED = 2;
  private static final int WIRE_FIXED32 = 5;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;

  ProtobufMessage(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /** The messages in a repeated field, in their order. */
  List<ProtobufMessage> messages(int number) {
    List<ProtobufMessage> found = new ArrayList<>();
    eachField(
        (field, wireType, start, end) -> {
          if (field == number && wireType == WIRE_LENGTH_DELIMITED) {
            long content = start + varintBytes(start);
            found.add(new ProtobufMessage(bytes.asSlice(content, end - content)));
          }
        });
    return found;
  }

  /** The message in a field. */
  Optional<ProtobufMessage> message(int number) {
    return messages(number).stream().findFirst();
  }

  /** The text in a field. */
  Optional<String> text(int number) {
    return texts(number).stream().findFirst();
  }

  /** The texts in a repeated field, in their order. */
  List<String> texts(int number) {
    return messages(number).stream().map(ProtobufMessage::asText).toList();
  }

  private String asText() {
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** The integer in a field; the last if there are several, as the encoding says. */
  OptionalLong integer(int number) {
    List<Long> found = new ArrayList<>();
    eachField(
        (field, wireType, start, _) -> {
          if (field == number && wireType == WIRE_VARINT) {
            found.add(varint(start));
          }
        });
    return found.isEmpty() ? OptionalLong.empty() : OptionalLong.of(found.getLast());
  }

  /** The 32-bit floating-point number in a field. */
  Optional<Float> floatingPoint(int number) {
    List<Float> found = new ArrayList<>();
    eachField(
        (field, wireType, start, _) -> {
          if (field == number && wireType == WIRE_FIXED32) {
            found.add(bytes.get(FLOAT, start));
          }
        });
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
  }

  /** Told of a field, and where its value begins and ends; the value may begin with its length. */
  private interface FieldConsumer {
    void accept(long field, int wireType, long start, long end);
  }

  private void eachField(FieldConsumer consumer) {
    long position = 0;
    while (position < bytes.byteSize()) {
      long tag = varint(position);
      long start = position + varintBytes(position);
      int wireType = (int) (tag & 7);
      position = skip(start, wireType);
      consumer.accept(tag >>> 3, wireType, start, position);
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
          throw new IndexOutOfBoundsException("field ends after its message");
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
