package io.millrace.runtime.session;

import io.millrace.runtime.attention.CacheType;

/**
 * How a decoder is opened.
 *
 * @param slots sequences that are decoded together at most
 * @param capacity tokens of one sequence at most; a model with a shorter context takes less
 * @param prefillChunk prompt tokens computed in one step at most, 3 or more
 * @param threads of one step; 0 for one per physical core
 * @param spin whether its threads spin between operators: faster steps, busier cores
 * @param speculativeTokens that a step of one sequence may be asked to verify besides the one that
 *     it computes anyway, see {@link Decoder#verify}; 0 for none
 * @param cacheType how keys and values are kept
 * @param provider which execution provider runs it, and on which device
 */
public record SessionSettings(
    int slots,
    int capacity,
    int prefillChunk,
    int threads,
    boolean spin,
    int speculativeTokens,
    CacheType cacheType,
    ProviderSettings provider) {

  /** More would hardly ever be right, and each takes addresses of a slot's size. */
  public static final int MOST_SPECULATIVE_TOKENS = 31;

  /** On the CPU. */
  public SessionSettings(int slots, int capacity, int prefillChunk, int threads, boolean spin) {
    this(slots, capacity, prefillChunk, threads, spin, ProviderSettings.CPU);
  }

  /** Without speculation, and with a cache as the graph has it. */
  public SessionSettings(
      int slots,
      int capacity,
      int prefillChunk,
      int threads,
      boolean spin,
      ProviderSettings provider) {
    this(slots, capacity, prefillChunk, threads, spin, 0, CacheType.MODEL, provider);
  }

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SessionSettings {
    if (slots < 1
        || capacity < 2
        || prefillChunk < 3
        || threads < 0
        || speculativeTokens < 0
        || speculativeTokens > MOST_SPECULATIVE_TOKENS) {
      throw new IllegalArgumentException(
          "slots %d, capacity %d, prefill chunk %d, threads %d, speculative tokens %d: out of range"
              .formatted(slots, capacity, prefillChunk, threads, speculativeTokens));
    }
  }

  /** The same on another provider. */
  public SessionSettings on(ProviderSettings other) {
    return new SessionSettings(
        slots, capacity, prefillChunk, threads, spin, speculativeTokens, cacheType, other);
  }

  /** The same with another capacity. */
  SessionSettings withCapacity(int tokens) {
    return new SessionSettings(
        slots, tokens, prefillChunk, threads, spin, speculativeTokens, cacheType, provider);
  }

  /** The same with another number of tokens to verify. */
  public SessionSettings withSpeculativeTokens(int tokens) {
    return new SessionSettings(
        slots, capacity, prefillChunk, threads, spin, tokens, cacheType, provider);
  }

  /** The same with keys and values kept otherwise. */
  public SessionSettings withCacheType(CacheType type) {
    return new SessionSettings(
        slots, capacity, prefillChunk, threads, spin, speculativeTokens, type, provider);
  }
}
