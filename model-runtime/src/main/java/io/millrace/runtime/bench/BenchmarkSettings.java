package io.millrace.runtime.bench;

import io.millrace.runtime.attention.CacheType;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * What to measure.
 *
 * @param models model directories; ratios between them are meaningful only within one run
 * @param batches numbers of rows decoded together
 * @param repeats of everything; the medians are reported
 * @param promptTokens per row
 * @param decodeTokens per row
 * @param threads of one step; 0 for one per physical core
 * @param spin whether these threads spin between operators
 * @param cacheType how the engine keeps keys and values; the bare loop keeps them as the graph does
 * @param provider that the models run on
 */
public record BenchmarkSettings(
    List<Path> models,
    List<Integer> batches,
    int repeats,
    int promptTokens,
    int decodeTokens,
    int threads,
    boolean spin,
    CacheType cacheType,
    ProviderSettings provider) {

  /**
   * @throws IllegalArgumentException if there is nothing to measure
   */
  public BenchmarkSettings {
    models = List.copyOf(models);
    batches = List.copyOf(batches);
    boolean sensible =
        !models.isEmpty()
            && !batches.isEmpty()
            && batches.stream().allMatch(batch -> batch > 0)
            && repeats > 0
            && promptTokens > 0
            && decodeTokens > 1
            && threads >= 0;
    if (!sensible) {
      throw new IllegalArgumentException("nothing to measure: " + models + ", " + batches);
    }
  }

  /** 64 prompt tokens and 64 generated ones per row, threads that spin, on the CPU. */
  public static BenchmarkSettings of(List<Path> models, List<Integer> batches, int repeats) {
    return new BenchmarkSettings(
        models, batches, repeats, 64, 64, 0, true, CacheType.MODEL, ProviderSettings.CPU);
  }

  SessionSettings session(int batch) {
    // A prefill chunk for all rows: they start in one iteration and then decode in step, as many
    // rows in every step as the yardstick has.
    return new SessionSettings(batch, capacity(), batch * promptTokens, threads, spin, provider)
        .withCacheType(cacheType);
  }

  int capacity() {
    return promptTokens + decodeTokens + 1;
  }
}
