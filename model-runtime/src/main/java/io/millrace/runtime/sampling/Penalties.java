package io.millrace.runtime.sampling;

/**
 * Makes tokens that have occurred less likely (or, with negative values, likelier).
 *
 * <p>The repetition penalty, over prompt and completion, divides a positive logit and multiplies a
 * negative one (Keskar et al., CTRL, 2019). Presence and frequency penalty, over the completion
 * only, are subtracted once, and once per occurrence, as in the OpenAI API.
 */
final class Penalties {

  private final double repetition;
  private final double presence;
  private final double frequency;
  private final TokenCounts completionCounts;

  /**
   * @param prompt whose tokens the repetition penalty is over too
   * @param contextLength the most tokens of prompt and completion that the model takes
   */
  Penalties(SamplingParameters parameters, int[] prompt, int contextLength) {
    repetition = parameters.repetitionPenalty();
    presence = parameters.presencePenalty();
    frequency = parameters.frequencyPenalty();
    long most = (long) prompt.length + parameters.maxCompletionTokens();
    completionCounts = new TokenCounts((int) Math.min(contextLength, most));
    for (int token : prompt) {
      completionCounts.add(token, 0);
    }
  }

  static boolean areAskedFor(SamplingParameters parameters) {
    return parameters.repetitionPenalty() != 1
        || parameters.presencePenalty() != 0
        || parameters.frequencyPenalty() != 0;
  }

  /** Takes note of a token of the completion. */
  void generated(int token) {
    completionCounts.add(token, 1);
  }

  void apply(float[] logits) {
    for (int place = 0; place < completionCounts.places(); place++) {
      if (completionCounts.isTaken(place)) {
        int token = completionCounts.token(place);
        logits[token] = penalized(logits[token], completionCounts.count(place));
      }
    }
  }

  private float penalized(float logit, int occurrences) {
    double penalized = logit > 0 ? logit / repetition : logit * repetition;
    if (occurrences > 0) {
      penalized -= presence + frequency * occurrences;
    }
    return (float) penalized;
  }
}
