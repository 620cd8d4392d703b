package io.millrace.runtime.sampling;

/**
 * The tokens a draw is made from, with their weights relative to the likeliest one; reused from
 * draw to draw.
 *
 * <p>Where an order is needed (top-k, top-p) it is that of a max-heap, likeliest first, equal
 * weights by token id: building it is linear, and few tokens are ever taken out.
 */
final class Candidates {

  private final int[] tokens;
  private final double[] weights;
  private int size;
  private double total;

  Candidates(int vocabularySize) {
    tokens = new int[vocabularySize];
    weights = new double[vocabularySize];
  }

  /**
   * Takes the tokens whose weight {@code e^((logit - max) / temperature)} is at least {@code
   * leastWeight} and over 0.
   */
  void fill(float[] logits, float max, double temperature, double leastWeight) {
    size = 0;
    total = 0;
    for (int token = 0; token < logits.length; token++) {
      double weight = Exponential.ofNonPositive((logits[token] - (double) max) / temperature);
      if (weight >= leastWeight && weight > 0) {
        tokens[size] = token;
        weights[size] = weight;
        size++;
        total += weight;
      }
    }
  }

  /** Keeps the {@code count} likeliest. */
  void keepTop(int count) {
    if (count < size) {
      keepPrefix(count, Double.POSITIVE_INFINITY);
    }
  }

  /** Keeps the fewest likeliest tokens whose share of the weight is {@code share} or more. */
  void keepShare(double share) {
    if (share < 1) {
      dropNegligible(share);
      keepPrefix(size, share * total);
    }
  }

  /**
   * Drops what no prefix can need: all tokens lighter than {@code (1 - share) / size} of the weight
   * together weigh less than the {@code 1 - share} that stays outside. The weight is still that of
   * all.
   */
  private void dropNegligible(double share) {
    double least = (1 - share) * total / size;
    int kept = 0;
    for (int index = 0; index < size; index++) {
      if (weights[index] >= least) {
        tokens[kept] = tokens[index];
        weights[kept] = weights[index];
        kept++;
      }
    }
    size = kept;
  }

  /** Moves the likeliest, one by one, behind the shrinking heap; then they are what is left. */
  private void keepPrefix(int most, double enoughWeight) {
    for (int root = size / 2 - 1; root >= 0; root--) {
      siftDown(root, size);
    }
    int heap = size;
    double kept = 0;
    while (heap > 0 && size - heap < most && kept < enoughWeight) {
      kept += weights[0];
      heap--;
      exchange(0, heap);
      siftDown(0, heap);
    }
    int count = size - heap;
    System.arraycopy(tokens, heap, tokens, 0, count);
    System.arraycopy(weights, heap, weights, 0, count);
    size = count;
    total = kept;
  }

  /**
   * @param uniform from 0 up to, not including, 1
   */
  int draw(double uniform) {
    double rest = uniform * total;
    for (int index = 0; index < size; index++) {
      rest -= weights[index];
      if (rest < 0) {
        return tokens[index];
      }
    }
    // Rounding may leave a remainder; the last candidate is where it belongs.
    return tokens[size - 1];
  }

  /** How many tokens are left. */
  int size() {
    return size;
  }

  private void siftDown(int start, int heap) {
    int parent = start;
    while (true) {
      int child = 2 * parent + 1;
      if (child >= heap) {
        return;
      }
      if (child + 1 < heap && isBefore(child + 1, child)) {
        child++;
      }
      if (!isBefore(child, parent)) {
        return;
      }
      exchange(child, parent);
      parent = child;
    }
  }

  private boolean isBefore(int one, int other) {
    return weights[one] > weights[other]
        || (weights[one] == weights[other] && tokens[one] < tokens[other]);
  }

  private void exchange(int one, int other) {
    int token = tokens[one];
    tokens[one] = tokens[other];
    tokens[other] = token;
    double weight = weights[one];
    weights[one] = weights[other];
    weights[other] = weight;
  }
}
