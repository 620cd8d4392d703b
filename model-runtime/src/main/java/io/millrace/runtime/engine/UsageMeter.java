package io.millrace.runtime.engine;

/** Counts what one request uses, in tokens and nanoseconds. */
final class UsageMeter {

  private final long submittedNanos;
  private long startedNanos;
  private long prefillNanos;
  private long firstTokenNanos;
  private long lastTokenNanos;
  private int promptTokens;
  private int cachedTokens;
  private int completionTokens;
  private int steps;
  private long rowsInSteps;
  private int mostRows;
  private boolean started;

  UsageMeter(long submittedNanos) {
    this.submittedNanos = submittedNanos;
  }

  void prefilled(int tokens, long fromNanos, long toNanos) {
    if (!started) {
      started = true;
      startedNanos = fromNanos;
    }
    promptTokens += tokens;
    prefillNanos += toNanos - fromNanos;
  }

  /** Counts prompt tokens that need not be computed. */
  void cached(int tokens) {
    promptTokens += tokens;
    cachedTokens += tokens;
  }

  /** Counts a decode step that so many rows took part in. */
  void decoded(int rows) {
    steps++;
    rowsInSteps += rows;
    mostRows = Math.max(mostRows, rows);
  }

  /** Counts a token of the completion; returns its index. */
  int token(long nowNanos) {
    if (completionTokens == 0) {
      firstTokenNanos = nowNanos;
    }
    lastTokenNanos = nowNanos;
    return completionTokens++;
  }

  int completionTokens() {
    return completionTokens;
  }

  GenerationUsage at(long nowNanos) {
    if (!started) {
      return GenerationUsage.unstarted(nowNanos - submittedNanos);
    }
    return new GenerationUsage(
        promptTokens,
        cachedTokens,
        completionTokens,
        startedNanos - submittedNanos,
        prefillNanos,
        completionTokens == 0 ? 0 : lastTokenNanos - firstTokenNanos,
        completionTokens == 0 ? 0 : firstTokenNanos - submittedNanos,
        nowNanos - submittedNanos,
        steps == 0 ? 0 : (double) rowsInSteps / steps,
        mostRows);
  }
}
