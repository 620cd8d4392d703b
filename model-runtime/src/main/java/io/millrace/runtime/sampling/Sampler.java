package io.millrace.runtime.sampling;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses tokens from logits, one row at a time; makes no garbage. Belongs to one thread.
 *
 * <p>The order is vLLM's: logit bias, least number of tokens, penalties, temperature, min-p, top-k,
 * top-p (over what top-k kept), draw. Of equal logits the lower token id wins.
 */
public final class Sampler {

  private final LogitRow row;
  private final float[] logits;
  private final Candidates candidates;
  private final Set<Integer> endTokens;
  private float logProbability = Float.NaN;
  private List<TokenLogprob> topLogprobs = List.of();

  /**
   * @param endTokens which are not chosen before a completion's least number of tokens
   */
  public Sampler(int vocabularySize, Set<Integer> endTokens) {
    this.endTokens = Set.copyOf(endTokens);
    row = new LogitRow(vocabularySize);
    logits = new float[vocabularySize];
    candidates = new Candidates(vocabularySize);
  }

  /** What one sequence brings to the choice of its tokens. Make one per request. */
  public static final class Sequence {

    private final SamplingParameters parameters;
    private final @Nullable Penalties penalties;
    private int generated;

    /**
     * @param prompt the encoded prompt, which the repetition penalty is over too
     * @param contextLength the most tokens of prompt and completion
     */
    public Sequence(SamplingParameters parameters, int[] prompt, int contextLength) {
      this.parameters = parameters;
      this.penalties =
          Penalties.areAskedFor(parameters)
              ? new Penalties(parameters, prompt, contextLength)
              : null;
    }

    /** Whether it may not end with the next token. */
    public boolean mustGoOn() {
      return generated < parameters.end().minTokens();
    }

    /** Whether the largest logit decides and nothing else is told: logits need not be read. */
    public boolean wantsOnlyTheLargest() {
      return isPlain()
          && isGreedy(parameters)
          && !parameters.logprobs()
          && parameters.topLogprobs() == 0;
    }

    /** Whether nothing changes the logits. */
    private boolean isPlain() {
      return penalties == null && parameters.logitBias().isEmpty() && !mustGoOn();
    }
  }

  /** What to sample from; to be filled before each {@link #sample}. */
  public LogitRow logits() {
    return row;
  }

  /**
   * @return the next token of the sequence
   * @throws NonFiniteLogitsException if a logit is not a number, or the largest is infinite
   */
  public int sample(Sequence sequence) {
    var parameters = sequence.parameters;
    int mostLikely = row.mostLikely();
    float max = row.at(mostLikely);
    int token = sequence.isPlain() && isGreedy(parameters) ? mostLikely : choose(sequence);
    if (sequence.penalties != null) {
      sequence.penalties.generated(token);
    }
    sequence.generated++;
    tell(token, parameters, max);
    return token;
  }

  /** Counts a token that was chosen elsewhere, where {@link Sequence#wantsOnlyTheLargest}. */
  public void took(Sequence sequence) {
    sequence.generated++;
    logProbability = Float.NaN;
    topLogprobs = List.of();
  }

  private void tell(int token, SamplingParameters parameters, float max) {
    logProbability = Float.NaN;
    topLogprobs = List.of();
    if (parameters.logprobs() || parameters.topLogprobs() > 0) {
      double normalizer = max + Math.log(weightSum(max));
      logProbability = (float) (row.at(token) - normalizer);
      topLogprobs =
          row.likeliest(parameters.topLogprobs())
              .mapToObj(other -> new TokenLogprob(other, (float) (row.at(other) - normalizer)))
              .toList();
    }
  }

  private static boolean isGreedy(SamplingParameters parameters) {
    return parameters.temperature() == 0 || parameters.topK() == 1;
  }

  /**
   * The natural logarithm of the probability, under the model's own distribution, of the token
   * sampled last; not a number unless its parameters ask for it.
   */
  public float logProbability() {
    return logProbability;
  }

  /** The likeliest tokens of the last choice, as many as its parameters ask for. */
  public List<TokenLogprob> topLogprobs() {
    return topLogprobs;
  }

  /** Chooses where the largest logit alone does not decide. */
  private int choose(Sequence sequence) {
    var parameters = sequence.parameters;
    row.copyTo(logits);
    parameters.logitBias().forEach((token, bias) -> logits[token] += bias.floatValue());
    if (sequence.mustGoOn()) {
      endTokens.forEach(token -> logits[token] = Float.NEGATIVE_INFINITY);
      parameters.end().stopTokens().forEach(token -> logits[token] = Float.NEGATIVE_INFINITY);
    }
    if (sequence.penalties != null) {
      sequence.penalties.apply(logits);
    }
    float max = max(logits);
    if (isGreedy(parameters)) {
      return first(logits, max);
    }
    candidates.fill(logits, max, parameters.temperature(), parameters.minP());
    if (parameters.topK() > 0) {
      candidates.keepTop(parameters.topK());
    }
    candidates.keepShare(parameters.topP());
    return candidates.draw(RandomSource.uniform(parameters.seed(), sequence.generated));
  }

  /** Penalties may have made it infinite; not a number sticks. */
  private static float max(float[] values) {
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      max = Math.max(max, value);
    }
    if (!Float.isFinite(max)) {
      throw new NonFiniteLogitsException();
    }
    return max;
  }

  private static int first(float[] values, float wanted) {
    int index = 0;
    while (values[index] != wanted) {
      index++;
    }
    return index;
  }

  private double weightSum(float max) {
    double sum = 0;
    for (int token = 0; token < logits.length; token++) {
      sum += Exponential.ofNonPositive(row.at(token) - (double) max);
    }
    return sum;
  }
}
