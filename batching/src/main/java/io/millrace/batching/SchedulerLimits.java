package io.millrace.batching;

/**
 * The bounds of an {@link IterationScheduler}.
 *
 * @param slots rows that run at once, at least 1
 * @param maxWaiting prompts that wait for a slot at most, at least 1
 * @param maxPrefillTokens prompt tokens admitted in one iteration at most, unless a single prompt
 *     is longer: running rows wait for a prefill, so this bounds the gap between their tokens
 */
public record SchedulerLimits(int slots, int maxWaiting, int maxPrefillTokens) {

  /**
   * @throws IllegalArgumentException if a value is not positive
   */
  public SchedulerLimits {
    if (slots < 1 || maxWaiting < 1 || maxPrefillTokens < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: " + slots + ", " + maxWaiting + ", " + maxPrefillTokens);
    }
  }
}
