package io.millrace.batching;

import java.util.List;

/**
 * Prompts of one partition that go to the engine together.
 *
 * @param prompts in order of arrival, at least one
 * @param trigger why they were released now
 */
public record MicroBatch<P extends Batchable>(List<P> prompts, Trigger trigger) {

  public MicroBatch {
    prompts = List.copyOf(prompts);
  }

  /** The first condition that held. */
  public enum Trigger {
    /** As many prompts as a batch may hold. */
    SIZE,
    /** As many prompt tokens as a batch may hold. */
    TOKENS,
    /** A prompt would miss its deadline by waiting longer. */
    DEADLINE,
    /** The oldest prompt has waited long enough. */
    AGE
  }
}
