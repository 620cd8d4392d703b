package io.millrace.runtime.engine;

/**
 * What one attempt used. Durations are in nanoseconds.
 *
 * @param promptTokens tokens of the prompt that were computed or taken from the cache
 * @param cachedTokens those of {@code promptTokens} that came from the prefix cache
 * @param completionTokens tokens generated; the end-of-sequence token is not one of them
 * @param queueNanos from submission to the start of prefill
 * @param prefillNanos the prefill of this prompt
 * @param decodeNanos from the first token to the last
 * @param timeToFirstTokenNanos from submission to the first token; 0 if there was none
 * @param totalNanos from submission to the terminal event
 * @param batchSizeMean rows decoded together, averaged over this request's steps
 * @param batchSizeMax the most rows decoded together
 */
public record GenerationUsage(
    int promptTokens,
    int cachedTokens,
    int completionTokens,
    long queueNanos,
    long prefillNanos,
    long decodeNanos,
    long timeToFirstTokenNanos,
    long totalNanos,
    double batchSizeMean,
    int batchSizeMax) {

  /** Of a request that never reached a slot. */
  public static GenerationUsage unstarted(long queueNanos) {
    return new GenerationUsage(0, 0, 0, queueNanos, 0, 0, 0, queueNanos, 0, 0);
  }
}
