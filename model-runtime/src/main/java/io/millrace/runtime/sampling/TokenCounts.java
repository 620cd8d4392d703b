package io.millrace.runtime.sampling;

import java.util.Arrays;

/**
 * How often each token has occurred in a sequence: what the penalties are taken from.
 *
 * <p>Open addressing with linear probing over two arrays that are made once, so that counting makes
 * no garbage.
 */
final class TokenCounts {

  private static final int EMPTY = -1;

  private final int[] tokens;
  private final int[] counts;
  private final int mask;

  /**
   * @param distinct the most different tokens there can be
   */
  TokenCounts(int distinct) {
    int size = Integer.highestOneBit(Math.max(distinct, 1) * 2 - 1) * 2;
    tokens = new int[size];
    counts = new int[size];
    mask = size - 1;
    Arrays.fill(tokens, EMPTY);
  }

  /** Makes the token known, with {@code occurrences} more than before. */
  void add(int token, int occurrences) {
    int index = ((token * 0x9e3779b9) >>> 7) & mask;
    while (tokens[index] != EMPTY && tokens[index] != token) {
      index = (index + 1) & mask;
    }
    tokens[index] = token;
    counts[index] += occurrences;
  }

  /** Length of the table; some of its places hold no token. */
  int places() {
    return tokens.length;
  }

  boolean isTaken(int place) {
    return tokens[place] != EMPTY;
  }

  int token(int place) {
    return tokens[place];
  }

  int count(int place) {
    return counts[place];
  }
}
