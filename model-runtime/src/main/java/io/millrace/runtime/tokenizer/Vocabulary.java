package io.millrace.runtime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * What each token adds to the text, in UTF-8: a token may end in the middle of a character, so it
 * stands for bytes, not characters.
 */
public final class Vocabulary {

  private static final byte[] NOTHING = {};

  private final byte[][] bytes;
  private final boolean stripsLeadingSpace;
  private final Set<String> controlTokens;

  /**
   * @param bytes by token id; empty for ids not in use and for special tokens
   * @param stripsLeadingSpace whether a text's first character is dropped if it is a space
   * @param controlTokens the spellings of the special tokens
   */
  public Vocabulary(byte[][] bytes, boolean stripsLeadingSpace, Set<String> controlTokens) {
    this.bytes = bytes;
    this.stripsLeadingSpace = stripsLeadingSpace;
    this.controlTokens = Set.copyOf(controlTokens);
  }

  /**
   * Whether a text spells a special token, such as the end of a turn: encoded, it would be that
   * token and not text.
   */
  public boolean spellsControlToken(String text) {
    return controlTokens.stream().anyMatch(text::contains);
  }

  /** Not to be changed; empty for special tokens and for ids that the tokenizer does not know. */
  byte[] bytes(int token) {
    return token < bytes.length ? bytes[token] : NOTHING;
  }

  /** A token alone as text; what is not whole characters becomes U+FFFD. */
  public String text(int token) {
    return new String(bytes(token), StandardCharsets.UTF_8);
  }

  boolean stripsLeadingSpace() {
    return stripsLeadingSpace;
  }

  /** One more than the highest token id in use. */
  public int size() {
    return bytes.length;
  }
}
