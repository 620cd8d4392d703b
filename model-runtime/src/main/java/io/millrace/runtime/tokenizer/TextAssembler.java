package io.millrace.runtime.tokenizer;

import java.util.List;

/**
 * Turns a sequence's tokens into text that can be shown as it comes: whole characters, and nothing
 * that would have to be taken back because a stop string follows.
 *
 * <p>What is given out, joined, is the tokenizer's own decoding of the tokens, up to the first stop
 * string. One per request; belongs to one thread.
 */
public final class TextAssembler {

  private final Vocabulary vocabulary;
  private final StopStrings stops;
  private final CharacterAssembler characters = new CharacterAssembler();
  private final StringBuilder heldBack = new StringBuilder();
  private boolean atStart = true;
  private boolean stopped;

  public TextAssembler(Vocabulary vocabulary, List<String> stops) {
    this.vocabulary = vocabulary;
    this.stops = new StopStrings(stops);
  }

  /**
   * Adds a token at which the text may not end, whatever stop string it makes.
   *
   * @return the text that is certain now; may be empty
   */
  public String addBeforeEnd(int token) {
    append(token);
    return take(heldBack.length() - stops.undecided(heldBack));
  }

  /**
   * Adds a token.
   *
   * @return the text that is certain now; may be empty
   */
  public String add(int token) {
    append(token);
    int stop = stops.indexIn(heldBack);
    if (stop >= 0) {
      stopped = true;
      heldBack.setLength(stop);
      return take(stop);
    }
    return take(heldBack.length() - stops.undecided(heldBack));
  }

  private void append(int token) {
    if (stopped) {
      throw new IllegalStateException("the text has ended");
    }
    characters.add(vocabulary.bytes(token), heldBack);
    stripLeadingSpace();
  }

  /** Whether a stop string has come. */
  public boolean isStopped() {
    return stopped;
  }

  /** Whether something is held back that {@link #finish} would give out. */
  public boolean isHoldingBack() {
    return !stopped && (!heldBack.isEmpty() || characters.isWaiting());
  }

  /**
   * Ends the text.
   *
   * @return what was held back; an incomplete character becomes U+FFFD
   */
  public String finish() {
    if (stopped) {
      return "";
    }
    stopped = true;
    characters.finish(heldBack);
    stripLeadingSpace();
    return take(heldBack.length());
  }

  private void stripLeadingSpace() {
    if (atStart && !heldBack.isEmpty()) {
      atStart = false;
      if (vocabulary.stripsLeadingSpace() && heldBack.charAt(0) == ' ') {
        heldBack.deleteCharAt(0);
      }
    }
  }

  private String take(int length) {
    if (length == 0) {
      return "";
    }
    var text = heldBack.substring(0, length);
    heldBack.delete(0, length);
    return text;
  }
}
