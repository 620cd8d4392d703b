package io.millrace.topology.config;

import java.time.Duration;

/** When the prompts of a partition are handed to the engine together. */
public record BatchingSettings(
    @Setting(value = "Prompts in a micro-batch.", otherwise = "8", min = 1) int maxPrompts,
    @Setting(value = "Prompt tokens in a micro-batch.", otherwise = "4096", min = 1)
        int maxPromptTokens,
    @Setting(value = "The longest that a prompt waits for others.", otherwise = "2ms")
        Duration maxWait,
    @Setting(value = "A prompt this near its deadline waits for no other.", otherwise = "100ms")
        Duration deadlineSlack) {}
