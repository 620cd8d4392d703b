package io.millrace.runtime.engine;

import io.millrace.batching.Batchable;
import io.millrace.runtime.sampling.SamplingParameters;

/**
 * A prompt ready for the engine.
 *
 * @param requestId unique among the requests in flight on a channel
 * @param attempt 1 for the first run, one more after each interruption
 * @param tokens the encoded prompt, at least one token; not copied, not to be changed
 * @param sampling how tokens are chosen and when the completion ends
 * @param priority lower is earlier
 * @param deadlineNanos when it expires, on {@link System#nanoTime()}, or {@link
 *     Batchable#NO_DEADLINE}
 * @param tenant on whose behalf; tenants get equal shares while they wait for each other
 * @param cacheSalt prompts of the same tenant and salt, and no others, share the keys and values of
 *     what they begin with
 * @param draft what the completion will probably begin with, such as the tokens of an attempt that
 *     was interrupted; a guess that may save time and never changes a token. Not copied, not to be
 *     changed
 */
@SuppressWarnings(
    "ArrayRecordComponent") // identity is requestId and attempt; no one compares requests
public record GenerationRequest(
    String requestId,
    int attempt,
    int[] tokens,
    SamplingParameters sampling,
    int priority,
    long deadlineNanos,
    String tenant,
    String cacheSalt,
    int[] draft)
    implements Batchable {

  private static final int[] NO_DRAFT = {};

  /** A request about whose completion nothing is known. */
  public GenerationRequest(
      String requestId,
      int attempt,
      int[] tokens,
      SamplingParameters sampling,
      int priority,
      long deadlineNanos,
      String tenant,
      String cacheSalt) {
    this(
        requestId, attempt, tokens, sampling, priority, deadlineNanos, tenant, cacheSalt, NO_DRAFT);
  }

  @Override
  public int promptTokens() {
    return tokens.length;
  }

  @Override
  public int maxCompletionTokens() {
    return sampling.maxCompletionTokens();
  }
}
