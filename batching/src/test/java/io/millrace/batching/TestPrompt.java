package io.millrace.batching;

/** A prompt that is nothing but its demands. */
record TestPrompt(
    String requestId, int promptTokens, int maxCompletionTokens, int priority, long deadlineNanos)
    implements Batchable {

  static TestPrompt of(String requestId, int promptTokens) {
    return new TestPrompt(requestId, promptTokens, 16, 0, NO_DEADLINE);
  }

  TestPrompt withPriority(int value) {
    return new TestPrompt(requestId, promptTokens, maxCompletionTokens, value, deadlineNanos);
  }

  TestPrompt withDeadlineNanos(long value) {
    return new TestPrompt(requestId, promptTokens, maxCompletionTokens, priority, value);
  }
}
