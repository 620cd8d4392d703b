package io.millrace.topology.config;

import java.time.Duration;

/** How much work a partition takes on at once. */
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
        int drainEvents) {

  public InflightSettings {
    if (resumeAt >= maxPerPartition) {
      throw new IllegalArgumentException("resume-at must be below max-per-partition");
    }
  }
}
