package io.millrace.runtime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The alphabet of byte-level BPE, in which each byte is written as one printable character.
 *
 * <p>From GPT-2's {@code bytes_to_unicode}: the printable bytes of Latin-1 stand for themselves,
 * the others, in order, for the characters from U+0100 on.
 */
final class ByteAlphabet {

  private static final int FIRST_SUBSTITUTE = 0x100;
  private static final int SUBSTITUTES = 68;

  private static final int[] BYTE_OF_CHARACTER = new int[FIRST_SUBSTITUTE + SUBSTITUTES];

  static {
    int substitute = FIRST_SUBSTITUTE;
    Arrays.fill(BYTE_OF_CHARACTER, -1);
    for (int value = 0; value < 256; value++) {
      BYTE_OF_CHARACTER[isPrintable(value) ? value : substitute++] = value;
    }
  }

  private ByteAlphabet() {}

  private static boolean isPrintable(int value) {
    return (value >= '!' && value <= '~')
        || (value >= 0xa1 && value <= 0xac)
        || (value >= 0xae && value <= 0xff);
  }

  /** The bytes that a token is spelled with; a token outside the alphabet stands for itself. */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int index = 0; index < bytes.length; index++) {
      int character = token.charAt(index);
      int value = character < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[character] : -1;
      if (value < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[index] = (byte) value;
    }
    return bytes;
  }
}
