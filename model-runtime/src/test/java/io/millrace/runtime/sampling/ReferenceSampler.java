package io.millrace.runtime.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Temperature, min-p, top-k and top-p as they are defined: everything sorted, nothing clever. */
final class ReferenceSampler {

  private ReferenceSampler() {}

  static double[] softmax(float[] logits, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    double[] shares = new double[logits.length];
    for (int token = 0; token < logits.length; token++) {
      shares[token] = Math.exp((logits[token] - max) / temperature);
      sum += shares[token];
    }
    for (int token = 0; token < logits.length; token++) {
      shares[token] /= sum;
    }
    return shares;
  }

  /** The tokens that may be drawn. */
  static List<Integer> kept(
      float[] logits, double temperature, double minP, int topK, double topP) {
    double[] shares = softmax(logits, temperature);
    var likeliestFirst =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(token -> -shares[token]))
            .toList();
    double largest = shares[likeliestFirst.getFirst()];
    List<Integer> candidates =
        likeliestFirst.stream().filter(token -> shares[token] >= minP * largest).toList();
    if (topK > 0 && topK < candidates.size()) {
      candidates = candidates.subList(0, topK);
    }
    double total = candidates.stream().mapToDouble(token -> shares[token]).sum();
    List<Integer> kept = new ArrayList<>();
    double sum = 0;
    for (int token : candidates) {
      if (sum >= topP * total) {
        break;
      }
      kept.add(token);
      sum += shares[token];
    }
    return kept;
  }
}
