package io.millrace.batching;

/**
 * How many tokens a prompt will take: its own, and as many to answer it as answers had lately. What
 * a prompt allows is often far more than its answer has, or no bound at all.
 */
final class TokenEstimate {

  /** The weight of the newest answer in the moving average. */
  private static final double NEWEST = 1.0 / 32;

  private double answerTokens = 64;

  long of(Batchable prompt) {
    return prompt.promptTokens()
        + Math.max(1, Math.min(prompt.maxCompletionTokens(), Math.round(answerTokens)));
  }

  void answered(int tokens) {
    answerTokens += NEWEST * (tokens - answerTokens);
  }
}
