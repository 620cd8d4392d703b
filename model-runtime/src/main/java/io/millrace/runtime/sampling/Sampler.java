package io.millrace.runtime.sampling;

import org.jspecify.annotations.Nullable;

/**
 * Chooses tokens from logits, one row at a time; makes no garbage. Belongs to one thread.
 *
 * <p>The order is vLLM's: penalties, temperature, min-p, top-k, top-p (over what top-k kept), draw.
 * Of equal logits the lower token id wins.
 */
public final class Sampler {

  private final float[] logits;
  private final float[] penalized;
  private final Candidates candidates;
  private float logProbability = Float.NaN;

  public Sampler(int vocabularySize) {
    logits = new float[vocabularySize];
    penalized = new float[vocabularySize];
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
  }

  /** Where the row to sample from has to be put before {@link #sample}. */
  public float[] logits() {
    return logits;
  }

  /**
   * @return the next token of the sequence
   * @throws NonFiniteLogitsException if a logit is not a number, or the largest is infinite
   */
  public int sample(Sequence sequence) {
    var parameters = sequence.parameters;
    float max = max(logits);
    int token;
    if (sequence.penalties == null) {
      token = choose(logits, max, parameters, sequence.generated);
    } else {
      System.arraycopy(logits, 0, penalized, 0, logits.length);
      sequence.penalties.apply(penalized);
      token = choose(penalized, max(penalized), parameters, sequence.generated);
      sequence.penalties.generated(token);
    }
    sequence.generated++;
    logProbability =
        parameters.logprobs()
            ? (float) (logits[token] - (max + Math.log(weightSum(max))))
            : Float.NaN;
    return token;
  }

  /**
   * The natural logarithm of the probability, under the model's own distribution, of the token
   * sampled last; not a number unless its parameters ask for it.
   */
  public float logProbability() {
    return logProbability;
  }

  private int choose(float[] from, float max, SamplingParameters parameters, int position) {
    if (parameters.temperature() == 0 || parameters.topK() == 1) {
      return first(from, max);
    }
    candidates.fill(from, max, parameters.temperature(), parameters.minP());
    if (parameters.topK() > 0) {
      candidates.keepTop(parameters.topK());
    }
    candidates.keepShare(parameters.topP());
    return candidates.draw(RandomSource.uniform(parameters.seed(), position));
  }

  /** A plain reduction, which the compiler turns into vector instructions; not a number sticks. */
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
    for (float logit : logits) {
      sum += Exponential.ofNonPositive(logit - (double) max);
    }
    return sum;
  }
}
