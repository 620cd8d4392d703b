package io.millrace.runtime.bench;

import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;

/**
 * A load to put on an engine. Prompts are random tokens; completions have the length drawn for
 * them, whatever the model makes.
 *
 * @param model its directory
 * @param session slots, capacity, prefill chunk, threads
 * @param prefixCacheBytes 0 for none
 * @param prompts lengths
 * @param completions lengths
 * @param sharedPrefix how many tokens prompts begin with that are not theirs alone; prompts are
 *     longer by as much
 * @param prefixes how many such beginnings there are, one after the other
 * @param warmUp requests before those that are measured
 * @param requests that are measured
 */
public record LoadSettings(
    Path model,
    SessionSettings session,
    long prefixCacheBytes,
    Arrivals arrivals,
    Lengths prompts,
    Lengths completions,
    int sharedPrefix,
    int prefixes,
    int warmUp,
    int requests) {

  /**
   * @throws IllegalArgumentException if there is nothing to measure
   */
  public LoadSettings {
    if (sharedPrefix < 0 || prefixes < 1 || warmUp < 0 || requests < 1) {
      throw new IllegalArgumentException("nothing to measure");
    }
  }

  /** The most tokens of a prompt and its completion. */
  int longest() {
    return sharedPrefix + prompts.most() + completions.most();
  }
}
