package io.millrace.runtime.tokenizer;

/**
 * What each token adds to the text, in UTF-8: a token may end in the middle of a character, so it
 * stands for bytes, not characters.
 */
public final class Vocabulary {

  private static final byte[] NOTHING = {};

  private final byte[][] bytes;
  private final boolean stripsLeadingSpace;

  /**
   * @param bytes by token id; empty for ids not in use and for special tokens
   * @param stripsLeadingSpace whether a text's first character is dropped if it is a space
   */
  public Vocabulary(byte[][] bytes, boolean stripsLeadingSpace) {
    this.bytes = bytes;
    this.stripsLeadingSpace = stripsLeadingSpace;
  }

  /** Not to be changed; empty for special tokens and for ids that the tokenizer does not know. */
  byte[] bytes(int token) {
    return token < bytes.length ? bytes[token] : NOTHING;
  }

  boolean stripsLeadingSpace() {
    return stripsLeadingSpace;
  }

  /** One more than the highest token id in use. */
  public int size() {
    return bytes.length;
  }
}
