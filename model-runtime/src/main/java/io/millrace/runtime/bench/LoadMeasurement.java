package io.millrace.runtime.bench;

import java.util.List;

/**
 * What an engine did under a load.
 *
 * @param seconds from the first request that counts to the coming of the last: the time in which
 *     the load is full
 * @param promptTokens of all requests that count
 * @param cachedTokens those of them that came from the prefix cache
 * @param completionTokens generated in the {@code seconds}, for whatever request
 * @param stepSeconds spent in the model in the {@code seconds}
 * @param rowsPerStep decoded together in the {@code seconds}, on average
 * @param firstTokenNanos from submission to the first token, of requests that found nothing of
 *     their prompt in the prefix cache
 * @param cachedFirstTokenNanos the same of those that found something
 * @param gapNanos between the tokens of one request
 */
public record LoadMeasurement(
    double seconds,
    long promptTokens,
    long cachedTokens,
    long completionTokens,
    double stepSeconds,
    double rowsPerStep,
    List<Long> firstTokenNanos,
    List<Long> cachedFirstTokenNanos,
    List<Long> gapNanos) {

  public LoadMeasurement {
    firstTokenNanos = List.copyOf(firstTokenNanos);
    cachedFirstTokenNanos = List.copyOf(cachedFirstTokenNanos);
    gapNanos = List.copyOf(gapNanos);
  }

  public double completionTokensPerSecond() {
    return completionTokens / seconds;
  }

  /** Share of the time that the engine spent on other things than the model, or waiting. */
  public double shareOutsideTheModel() {
    return 1 - stepSeconds / seconds;
  }
}
