package io.millrace.batching;

/**
 * When a {@link MicroBatcher} releases a batch.
 *
 * @param maxPrompts a batch holds at most this many, at least 1
 * @param maxPromptTokens a batch holds at most this many prompt tokens, unless a single prompt is
 *     longer
 * @param maxWaitNanos the oldest prompt waits at most this long; 0 releases at once
 * @param deadlineSlackNanos a prompt is released when its deadline is this near
 */
public record MicroBatchPolicy(
    int maxPrompts, int maxPromptTokens, long maxWaitNanos, long deadlineSlackNanos) {

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public MicroBatchPolicy {
    if (maxPrompts < 1 || maxPromptTokens < 1 || maxWaitNanos < 0 || deadlineSlackNanos < 0) {
      throw new IllegalArgumentException("sizes must be positive and durations not negative");
    }
  }
}
