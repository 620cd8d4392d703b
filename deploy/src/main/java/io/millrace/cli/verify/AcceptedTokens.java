package io.millrace.cli.verify;

import io.millrace.events.Token;
import java.util.Arrays;

/**
 * The tokens of one prompt that count: for each index that of the highest attempt.
 *
 * <p>An attempt after an interruption goes on behind the tokens that are known to be told, or tells
 * all of them again; so its first token takes back what stands at its index and behind. Within an
 * attempt each index comes once, in order.
 */
final class AcceptedTokens {

  private static final int INITIAL = 16;

  private final StringBuilder text = new StringBuilder();

  /** Where each token's text starts. */
  private int[] starts = new int[INITIAL];

  private int size;
  private int attempt;

  /** The last index of this attempt that was told before those in front of it; -1 for none. */
  private int toldBehindGap = -1;

  /** What became of a token. */
  enum Outcome {
    TAKEN,
    /** It was there before, or belongs to an attempt that was given up. */
    REPEATED,
    /** Tokens before it are missing. */
    AFTER_A_GAP
  }

  Outcome add(Token token) {
    int index = token.getIndex();
    if (token.getAttempt() < attempt) {
      return Outcome.REPEATED;
    }
    if (token.getAttempt() > attempt) {
      attempt = token.getAttempt();
      toldBehindGap = -1;
      takeBackFrom(index);
    }
    if (index > size) {
      toldBehindGap = Math.max(toldBehindGap, index);
      return Outcome.AFTER_A_GAP;
    }
    if (index < size) {
      return Outcome.REPEATED;
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
    }
    starts[size++] = text.length();
    text.append(token.getText());
    return Outcome.TAKEN;
  }

  private void takeBackFrom(int index) {
    if (index < size) {
      text.setLength(starts[index]);
      size = index;
    }
  }

  int size() {
    return size;
  }

  /** Whether tokens of the last attempt were told, and some before them never. */
  boolean hasGap() {
    return toldBehindGap >= size;
  }

  /** The text of the first so many. */
  String text(int count) {
    return text.substring(0, count < size ? starts[count] : text.length());
  }
}
