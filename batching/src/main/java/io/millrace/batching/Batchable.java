package io.millrace.batching;

/** What batching needs to know of a prompt; whoever owns the prompt implements it. */
public interface Batchable {

  /** The value of {@link #deadlineNanos()} for a prompt that never expires. */
  long NO_DEADLINE = Long.MAX_VALUE;

  /** Unique among the prompts in flight. */
  String requestId();

  /** Length of the prompt in tokens, at least 1. */
  int promptTokens();

  /** The most tokens that may be generated, at least 1. */
  int maxCompletionTokens();

  /** Lower is earlier. */
  int priority();

  /** When the prompt expires, on the clock that is passed in, or {@link #NO_DEADLINE}. */
  long deadlineNanos();
}
