package io.millrace.batching;

/**
 * The bounds of an {@link IterationScheduler}.
 *
 * @param slots rows that run at once, at least 1
 * @param maxWaiting prompts that wait for a slot at most, at least 1
 * @param maxWaitingTokens of their own at most, all together, unless a single prompt is longer
 * @param ageingNanos how much waiting makes up for one level of priority
 */
public record SchedulerLimits(int slots, int maxWaiting, long maxWaitingTokens, long ageingNanos) {

  /**
   * @throws IllegalArgumentException if a value is not positive
   */
  public SchedulerLimits {
    if (slots < 1 || maxWaiting < 1 || maxWaitingTokens < 1 || ageingNanos < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: slots %d, waiting %d, waiting tokens %d, ageing %d"
              .formatted(slots, maxWaiting, maxWaitingTokens, ageingNanos));
    }
  }
}
