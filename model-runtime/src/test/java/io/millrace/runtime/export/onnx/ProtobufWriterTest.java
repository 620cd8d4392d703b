package io.millrace.runtime.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The expected bytes are the examples of protobuf's encoding guide. */
class ProtobufWriterTest {

  @Test
  void encodesIntegersWithAsManyBytesAsTheyNeed() throws IOException {
    assertThat(hex(new ProtobufWriter().integer(1, 0))).isEqualTo("0800");
    assertThat(hex(new ProtobufWriter().integer(1, 150))).isEqualTo("089601");
    assertThat(hex(new ProtobufWriter().integer(1, -2))).isEqualTo("08feffffffffffffffff01");
  }

  @Test
  void encodesTheNumberOfAFieldBeyondFifteenInTwoBytes() throws IOException {
    assertThat(hex(new ProtobufWriter().integer(20, 1))).isEqualTo("a00101");
  }

  @Test
  void encodesStringsFloatsAndMessages() throws IOException {
    assertThat(hex(new ProtobufWriter().string(2, "testing"))).isEqualTo("120774657374696e67");
    assertThat(hex(new ProtobufWriter().float32(5, 1f))).isEqualTo("2d0000803f");
    assertThat(hex(new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150))))
        .isEqualTo("1a03089601");
  }

  @Test
  void writesBytesFromPositionToLimitAndKnowsItsSize() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2);
    ProtobufWriter message = new ProtobufWriter().bytes(9, bytes);

    assertThat(hex(message)).isEqualTo("4a020102");
    assertThat(message.size()).isEqualTo(4);
    assertThat(hex(message)).as("written a second time").isEqualTo("4a020102");
  }

  private static String hex(ProtobufWriter message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    message.writeTo(Channels.newChannel(bytes));
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
