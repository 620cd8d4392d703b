package io.millrace.runtime.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SamplerProperties {

  /** Draws from a small vocabulary until every candidate of some weight has most likely come. */
  @Property(tries = 200)
  void drawsExactlyWhatTheFiltersKeep(
      @ForAll @IntRange(min = 1, max = 12) int vocabulary,
      @ForAll @DoubleRange(min = 0.5, max = 2) double temperature,
      @ForAll @DoubleRange(min = 0, max = 0.5) double minP,
      @ForAll @IntRange(min = 0, max = 14) int topK,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double topP,
      @ForAll long seed) {
    float[] logits = randomLogits(vocabulary, 2, seed);
    var sampler = new Sampler(vocabulary, Set.of());
    sampler.logits().set(logits);
    var sequence =
        new Sampler.Sequence(
            new SamplingParameters(
                temperature,
                topP,
                topK,
                minP,
                1,
                0,
                0,
                Map.of(),
                seed,
                EndConditions.after(10_000),
                false,
                0),
            new int[0],
            10_000);
    var drawn = new TreeSet<Integer>();
    for (int draw = 0; draw < 5_000; draw++) {
      drawn.add(sampler.sample(sequence));
    }
    var kept = ReferenceSampler.kept(logits, temperature, minP, topK, topP);
    assertThat(kept).containsAll(drawn);
    double[] shares = ReferenceSampler.softmax(logits, temperature);
    assertThat(drawn).containsAll(kept.stream().filter(token -> shares[token] > 0.01).toList());
  }

  @Property(tries = 200)
  void largeVocabulariesAreCutAtTheSamePlace(
      @ForAll @DoubleRange(min = 0.05, max = 0.99) double topP,
      @ForAll @IntRange(min = 0, max = 3_000) int topK,
      @ForAll long seed) {
    float[] logits = randomLogits(2_000, 6, seed);
    var candidates = new Candidates(logits.length);
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    candidates.fill(logits, max, 1, 0);
    if (topK > 0) {
      candidates.keepTop(topK);
    }
    candidates.keepShare(topP);
    var kept = ReferenceSampler.kept(logits, 1, 0, topK, topP);
    // The likeliest is drawn last of all.
    assertThat(candidates.draw(Math.nextDown(1.0))).isEqualTo(kept.getFirst());
    // Sums in another order may round to the other side of the limit.
    assertThat(candidates.size()).isCloseTo(kept.size(), within(1));
  }

  @Property
  void theExponentialIsExactToThirteenDigits(@ForAll @DoubleRange(min = -36, max = 0) double x) {
    assertThat(Exponential.ofNonPositive(x) / StrictMath.exp(x)).isCloseTo(1, within(1e-13));
  }

  @Property
  void randomNumbersAreInTheirRange(@ForAll long seed, @ForAll int position) {
    assertThat(RandomSource.uniform(seed, position)).isBetween(0.0, Math.nextDown(1.0));
  }

  private static float[] randomLogits(int vocabulary, double spread, long seed) {
    var random = new Random(seed);
    float[] logits = new float[vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      logits[token] = (float) (random.nextGaussian() * spread);
    }
    return logits;
  }
}
