package io.millrace.runtime.engine;

import java.util.Arrays;

/**
 * Drafts how a sequence may go on: as it did where its last tokens stood before, in the prompt or
 * in the completion. Of all such places the one counts where the most tokens before are the same,
 * and the last of several.
 *
 * <p>Each draft looks through all tokens once, which takes microseconds for thousands of them.
 */
final class PromptLookup {

  /** Fewer tokens in common say little. */
  static final int LEAST_MATCH = 2;

  /** More tokens in common say no more. */
  static final int LONGEST_MATCH = 8;

  private int[] tokens;
  private int length;
  private int match;

  PromptLookup(int[] prompt) {
    tokens = Arrays.copyOf(prompt, prompt.length + 64);
    length = prompt.length;
  }

  /** Appends a token of the completion. */
  void add(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = token;
  }

  /** The tokens so far, and behind them others; not to be changed. */
  int[] tokens() {
    return tokens;
  }

  /** How many tokens there are so far. */
  int length() {
    return length;
  }

  /**
   * Drafts the next tokens.
   *
   * @param destination where they go, from index {@code from} on
   * @param most how many at most
   * @return how many: {@code most}, or 0 if the last tokens never stood before
   */
  int draft(int[] destination, int from, int most) {
    match = 0;
    int next = 0;
    for (int end = length - 1; end >= LEAST_MATCH && match < LONGEST_MATCH; end--) {
      int common = tokens[end - 1] == tokens[length - 1] ? commonBefore(end) : 0;
      if (common > match) {
        match = common;
        next = end;
      }
    }
    if (match < LEAST_MATCH) {
      return 0;
    }
    for (int index = 0; index < most; index++) {
      // What repeats itself up to the end goes on to do so.
      int place = next + index;
      destination[from + index] =
          place < length ? tokens[place] : destination[from + place - length];
    }
    return most;
  }

  private int commonBefore(int end) {
    int most = Math.min(end, LONGEST_MATCH);
    int common = 0;
    while (common < most && tokens[end - 1 - common] == tokens[length - 1 - common]) {
      common++;
    }
    return common;
  }

  /** How many of the last tokens were the same where the last draft was found. */
  int match() {
    return match;
  }
}
