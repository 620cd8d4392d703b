package io.millrace.runtime.sampling;

import io.millrace.runtime.FloatBits;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One row of logits, kept as the bits of its floats: see {@link FloatBits}. Belongs to one thread.
 */
public final class LogitRow {

  /** Small enough that going through one a second time costs nothing. */
  private static final int BLOCK = 1024;

  private final int[] bits;

  LogitRow(int vocabularySize) {
    bits = new int[vocabularySize];
  }

  /** Where the row has to be put: {@link Float#floatToRawIntBits} of each logit. */
  public int[] bits() {
    return bits;
  }

  /** Takes a row in; for where its speed does not matter. */
  void set(float... logits) {
    for (int token = 0; token < bits.length; token++) {
      bits[token] = Float.floatToRawIntBits(logits[token]);
    }
  }

  float at(int token) {
    return Float.intBitsToFloat(bits[token]);
  }

  void copyTo(float[] destination) {
    for (int token = 0; token < bits.length; token++) {
      destination[token] = Float.intBitsToFloat(bits[token]);
    }
  }

  /**
   * The first token with the largest logit.
   *
   * @throws NonFiniteLogitsException if a logit is not a number, or the largest is infinite
   */
  int mostLikely() {
    int largest = Integer.MIN_VALUE;
    int blockOfLargest = 0;
    int largestMagnitude = 0;
    for (int start = 0; start < bits.length; start += BLOCK) {
      int end = Math.min(start + BLOCK, bits.length);
      largestMagnitude = Math.max(largestMagnitude, FloatBits.largestMagnitude(bits, start, end));
      int key = FloatBits.largestKey(bits, start, end);
      if (key > largest) {
        largest = key;
        blockOfLargest = start;
      }
    }
    if (!FloatBits.isFinite(largest, largestMagnitude)) {
      throw new NonFiniteLogitsException();
    }
    // The two zeros are equal but have different keys.
    return largest == 0
        ? firstZero()
        : FloatBits.firstWith(FloatBits.key(largest), bits, blockOfLargest);
  }

  /** The tokens with the largest logits, the largest first; of equal ones the lower id. */
  IntStream likeliest(int count) {
    int most = Math.min(count, bits.length);
    int[] tokens = new int[most];
    int size = 0;
    for (int token = 0; token < bits.length && most > 0; token++) {
      float logit = at(token);
      if (size < most || logit > at(tokens[size - 1])) {
        int place = size < most ? size++ : size - 1;
        while (place > 0 && logit > at(tokens[place - 1])) {
          tokens[place] = tokens[place - 1];
          place--;
        }
        tokens[place] = token;
      }
    }
    return Arrays.stream(tokens);
  }

  private int firstZero() {
    int token = 0;
    while ((bits[token] & FloatBits.MAGNITUDE) != 0) {
      token++;
    }
    return token;
  }
}
