package io.millrace.runtime.bench;

import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;

/**
 * A soak: many requests of every kind, for as long as it takes to generate so many tokens.
 *
 * @param model its directory
 * @param session slots, capacity, prefill chunk, threads
 * @param prefixCacheBytes 0 for none
 * @param waiting requests that may wait in the engine; half as many again are sent, so that some
 *     are refused
 * @param tokens to generate, 20 or more
 * @param seed of the requests and of what happens to them
 */
public record SoakSettings(
    Path model,
    SessionSettings session,
    long prefixCacheBytes,
    int waiting,
    long tokens,
    long seed) {

  /** The soak's parts, after each of which memory and counts are looked at. */
  static final int PARTS = 20;

  /** Below it there is no variety of lengths. */
  private static final int LEAST_CAPACITY = 64;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SoakSettings {
    if (waiting < 1 || tokens < PARTS || session.capacity() < LEAST_CAPACITY) {
      throw new IllegalArgumentException(
          "waiting %d, tokens %d, capacity %d: out of range"
              .formatted(waiting, tokens, session.capacity()));
    }
  }

  long tokensOfPart() {
    return tokens / PARTS;
  }

  /** Requests under way at once. */
  int concurrency() {
    return session.slots() + waiting + waiting / 2;
  }
}
