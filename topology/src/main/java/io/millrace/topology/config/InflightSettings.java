package io.millrace.topology.config;

import java.time.Duration;

/** How much work a partition takes on at once, and the memory of the stores that keep it. */
public record InflightSettings(
    @Setting(
            value = "Prompts in flight at which a partition is no longer fetched.",
            otherwise = "256",
            min = 1)
        int maxPerPartition,
    @Setting(value = "Prompts in flight at which it is fetched again.", otherwise = "192", min = 0)
        int resumeAt,
    @Setting(
            value =
                "A prompt that was begun this often without an end has failed. Each change of owner"
                    + " counts, also a planned one.",
            otherwise = "10",
            min = 1)
        int maxAttempts,
    @Setting(
            value =
                "How often a prompt is tried again after the engine failed in a way that may pass.",
            otherwise = "3",
            min = 0)
        int retries,
    @Setting(
            value = "The wait before the first of these; each further one waits twice as long.",
            otherwise = "500ms")
        Duration retryBackoff,
    @Setting(
            value =
                "Tokens between two checkpoints of a generation, from which it goes on after an"
                    + " interruption; 0 for none.",
            otherwise = "32",
            min = 0)
        int checkpointTokens,
    @Setting(value = "The longest that one drain of engine events takes.", otherwise = "2ms")
        Duration drainTime,
    @Setting(value = "The most engine events in one drain.", otherwise = "512", min = 1)
        int drainEvents,
    @Setting(
            value =
                "Native memory of all stores together, for what is not yet on disk and a cache of"
                    + " what is.",
            otherwise = "64MiB")
        ByteSize storeMemory) {

  /** Less would have the stores write each prompt to disk at once. */
  private static final ByteSize LEAST_STORE_MEMORY = new ByteSize(8 << 20);

  /**
   * @throws IllegalArgumentException if a partition would never be fetched again, or the stores
   *     have too little memory
   */
  public InflightSettings {
    if (resumeAt >= maxPerPartition) {
      throw new IllegalArgumentException("resume-at must be below max-per-partition");
    }
    if (storeMemory.bytes() < LEAST_STORE_MEMORY.bytes()) {
      throw new IllegalArgumentException("store-memory must be " + LEAST_STORE_MEMORY + " or more");
    }
  }
}
