package io.millrace.topology.metrics;

/**
 * How many tokens a prompt will take that no one has read yet: as many as those that ended lately
 * took. Safe for use by several threads.
 */
final class TokenEstimate {

  /** Prompts after which an old one counts little. */
  private static final int MEMORY = 256;

  private double mean = Double.NaN;
  private int ended;

  /**
   * A prompt has ended.
   *
   * @param tokens of the prompt and its completion
   */
  synchronized void add(int tokens) {
    ended = Math.min(ended + 1, MEMORY);
    mean = ended == 1 ? tokens : mean + (tokens - mean) / ended;
  }

  /** Tokens per prompt; not a number before one has ended. */
  synchronized double perPrompt() {
    return mean;
  }
}
