package io.millrace.batching;

/** A prompt that is nothing but its demands. */
record TestPrompt(
    String requestId,
    int promptTokens,
    int maxCompletionTokens,
    int priority,
    long deadlineNanos,
    String tenant,
    Object source)
    implements Schedulable {

  static TestPrompt of(String requestId, int promptTokens) {
    return new TestPrompt(requestId, promptTokens, 16, 0, NO_DEADLINE, "", "");
  }

  TestPrompt withPriority(int value) {
    return new TestPrompt(
        requestId, promptTokens, maxCompletionTokens, value, deadlineNanos, tenant, source);
  }

  TestPrompt withDeadlineNanos(long value) {
    return new TestPrompt(
        requestId, promptTokens, maxCompletionTokens, priority, value, tenant, source);
  }

  TestPrompt from(String otherTenant, Object otherSource) {
    return new TestPrompt(
        requestId,
        promptTokens,
        maxCompletionTokens,
        priority,
        deadlineNanos,
        otherTenant,
        otherSource);
  }
}
