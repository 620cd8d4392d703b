package io.millrace.runtime.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final int CONTEXT = 1_000_000;
  private static final EndConditions ENDLESS = EndConditions.after(CONTEXT);

  /** Ends a completion; only some of these vocabularies are large enough to have it. */
  private static final int END = 2;

  private static SamplingParameters parameters(
      double temperature, double topP, int topK, double minP, long seed) {
    return new SamplingParameters(
        temperature, topP, topK, minP, 1, 0, 0, Map.of(), seed, ENDLESS, false, 0);
  }

  private static Sampler sampler(float... logits) {
    var sampler = new Sampler(logits.length, Set.of(END));
    sampler.logits().set(logits);
    return sampler;
  }

  private static Sampler.Sequence sequence(SamplingParameters parameters, int... prompt) {
    return new Sampler.Sequence(parameters, prompt, CONTEXT);
  }

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    var sampler = sampler(1, 3, 2, 3);
    assertThat(sampler.sample(sequence(SamplingParameters.greedy(1)))).isEqualTo(1);
  }

  @Test
  void theSameSeedGivesTheSameTokensAndAnotherSeedOthers() {
    var sampler = sampler(new float[50]);
    assertThat(draws(sampler, 7)).isEqualTo(draws(sampler, 7)).isNotEqualTo(draws(sampler, 8));
  }

  private static List<Integer> draws(Sampler sampler, long seed) {
    var sequence = sequence(parameters(1, 1, 0, 0, seed));
    return IntStream.range(0, 20).mapToObj(position -> sampler.sample(sequence)).toList();
  }

  @Test
  void drawsFollowTheDistribution() {
    float[] logits = {0, 1, 2, -1, 0.5f, -3, 1.5f, 0.2f};
    double temperature = 0.7;
    int draws = 100_000;
    var sampler = sampler(logits);
    var sequence = sequence(parameters(temperature, 1, 0, 0, 42));
    int[] counts = new int[logits.length];
    for (int draw = 0; draw < draws; draw++) {
      counts[sampler.sample(sequence)]++;
    }
    double[] expected = ReferenceSampler.softmax(logits, temperature);
    double chiSquare = 0;
    for (int token = 0; token < logits.length; token++) {
      double mean = expected[token] * draws;
      chiSquare += (counts[token] - mean) * (counts[token] - mean) / mean;
    }
    // The 99.9th percentile of the chi-square distribution with 7 degrees of freedom.
    assertThat(chiSquare).isLessThan(24.32);
  }

  @Test
  void repetitionPenaltyCoversThePromptAndWorksOnBothSigns() {
    var parameters = new SamplingParameters(0, 1, 0, 0, 2, 0, 0, Map.of(), 0, ENDLESS, false, 0);
    var sampler = sampler(4, 3, -1, -1.5f);
    var sequence = sequence(parameters, 0);
    // 4 / 2 < 3; then 3 / 2 < 4 / 2.
    assertThat(sampler.sample(sequence)).isEqualTo(1);
    assertThat(sampler.sample(sequence)).isEqualTo(0);
    var negative = sampler(-1, -1.5f);
    assertThat(negative.sample(sequence(parameters, 0))).isEqualTo(1);
  }

  @Test
  void presenceAndFrequencyPenaltiesCoverTheCompletionOnly() {
    var presence = new SamplingParameters(0, 1, 0, 0, 1, 1.5, 0, Map.of(), 0, ENDLESS, false, 0);
    var sampler = sampler(3, 2, 1);
    var once = sequence(presence, 0, 0, 0);
    assertThat(List.of(sampler.sample(once), sampler.sample(once), sampler.sample(once)))
        .containsExactly(0, 1, 0);
    var frequency = new SamplingParameters(0, 1, 0, 0, 1, 0, 0.4, Map.of(), 0, ENDLESS, false, 0);
    var counted = sequence(frequency, 0, 0, 0);
    assertThat(
            List.of(
                sampler.sample(counted),
                sampler.sample(counted),
                sampler.sample(counted),
                sampler.sample(counted)))
        .containsExactly(0, 0, 0, 1);
  }

  @Test
  void logProbabilityIsTheModelsOwn() {
    float[] logits = {1, 2, 3};
    var sampler = sampler(logits);
    var penalized = new SamplingParameters(0.5, 1, 1, 0, 5, 2, 2, Map.of(), 0, ENDLESS, true, 0);
    int token = sampler.sample(sequence(penalized, 2));
    assertThat(token).isEqualTo(1);
    assertThat(sampler.logProbability())
        .isCloseTo((float) Math.log(ReferenceSampler.softmax(logits, 1)[1]), within(1e-6f));
  }

  @Test
  void refusesLogitsThatAreNotNumbers() {
    var greedy = SamplingParameters.greedy(1);
    assertThatThrownBy(() -> sampler(1, Float.NaN, 2).sample(sequence(greedy)))
        .isInstanceOf(NonFiniteLogitsException.class);
    assertThatThrownBy(() -> sampler(1, Float.POSITIVE_INFINITY).sample(sequence(greedy)))
        .isInstanceOf(NonFiniteLogitsException.class);
    float none = Float.NEGATIVE_INFINITY;
    assertThatThrownBy(() -> sampler(none, none).sample(sequence(greedy)))
        .isInstanceOf(NonFiniteLogitsException.class);
  }

  @Test
  void neverTakesATokenOfNoProbability() {
    var sampler = sampler(Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY);
    var sequence = sequence(parameters(2, 1, 0, 0, 3));
    for (int draw = 0; draw < 100; draw++) {
      assertThat(sampler.sample(sequence)).isEqualTo(1);
    }
  }

  @Test
  void biasIsAddedToTheLogits() {
    var sampler = sampler(1, 3, 2);
    assertThat(sampler.sample(sequence(biased(Map.of(0, 1.9))))).isEqualTo(1);
    assertThat(sampler.sample(sequence(biased(Map.of(0, 2.1))))).isEqualTo(0);
    assertThat(sampler.sample(sequence(biased(Map.of(1, -100.0))))).isEqualTo(2);
  }

  private static SamplingParameters biased(Map<Integer, Double> bias) {
    return new SamplingParameters(0, 1, 0, 0, 1, 0, 0, bias, 0, ENDLESS, true, 0);
  }

  @Test
  void logProbabilityKnowsNothingOfBias() {
    float[] logits = {1, 2, 3};
    var sampler = sampler(logits);
    assertThat(sampler.sample(sequence(biased(Map.of(0, 50.0))))).isZero();
    assertThat(sampler.logProbability())
        .isCloseTo((float) Math.log(ReferenceSampler.softmax(logits, 1)[0]), within(1e-6f));
  }

  @Test
  void endTokensAreNotChosenBeforeTheLeastNumberOfTokens() {
    var end = new EndConditions(List.of(), Set.of(1), false, 2, CONTEXT);
    var sampler = sampler(0, 2, 3);
    var sequence =
        sequence(new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, end, false, 0));
    assertThat(
            List.of(sampler.sample(sequence), sampler.sample(sequence), sampler.sample(sequence)))
        .containsExactly(0, 0, END);
  }

  @Test
  void theLikeliestTokensComeInOrder() {
    float[] logits = {1, 3, 2, 3, -1};
    var sampler = sampler(logits);
    double[] shares = ReferenceSampler.softmax(logits, 1);
    sampler.sample(sequence(withTop(4)));
    assertThat(sampler.topLogprobs()).extracting(TokenLogprob::token).containsExactly(1, 3, 2, 0);
    assertThat(sampler.topLogprobs())
        .allSatisfy(
            top ->
                assertThat(top.logprob())
                    .isCloseTo((float) Math.log(shares[top.token()]), within(1e-6f)));
    sampler.sample(sequence(withTop(20)));
    assertThat(sampler.topLogprobs()).hasSize(logits.length);
    sampler.sample(sequence(withTop(0)));
    assertThat(sampler.topLogprobs()).isEmpty();
  }

  private static SamplingParameters withTop(int count) {
    return new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, ENDLESS, true, count);
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> biased(Map.of(1, 100.5)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("logit_bias");
    assertThatThrownBy(() -> biased(Map.of(-1, 1.0))).isInstanceOf(InvalidParameterException.class);
    assertThatThrownBy(() -> withTop(21))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("top_logprobs");
    assertThatThrownBy(() -> new EndConditions(List.of(), Set.of(), false, 11, 10))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("min_tokens");
    assertThatThrownBy(() -> new EndConditions(List.of(), Set.of(-4), false, 0, 10))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("stop_token_ids");
  }
}
