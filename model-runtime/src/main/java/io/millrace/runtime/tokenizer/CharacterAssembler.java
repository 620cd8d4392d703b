package io.millrace.runtime.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Puts characters together from bytes that arrive in pieces; a character that is not complete waits
 * for the rest. Bytes that are no UTF-8 become U+FFFD.
 */
final class CharacterAssembler {

  /** A UTF-8 character has four bytes at most, so three may wait for the fourth. */
  private static final int MOST_WAITING_BYTES = 3;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer input = ByteBuffer.allocate(64).limit(0);
  private CharBuffer output = CharBuffer.allocate(64);

  /** Adds bytes, and appends the characters that are now complete. */
  void add(byte[] bytes, StringBuilder destination) {
    makeRoomFor(bytes.length);
    input.compact().put(bytes).flip();
    decoder.decode(input, output, false);
    drain(destination);
  }

  /** Appends U+FFFD for a character that stayed incomplete. */
  void finish(StringBuilder destination) {
    decoder.decode(input, output, true);
    decoder.flush(output);
    drain(destination);
    decoder.reset();
  }

  boolean isWaiting() {
    return input.hasRemaining();
  }

  private void makeRoomFor(int bytes) {
    int wanted = bytes + MOST_WAITING_BYTES;
    if (input.capacity() < wanted) {
      input = ByteBuffer.allocate(wanted).put(input).flip();
      output = CharBuffer.allocate(wanted + 1);
    }
  }

  private void drain(StringBuilder destination) {
    destination.append(output.flip());
    output.clear();
  }
}
