package io.millrace.topology.config;

/** What holds where a prompt says nothing; names and ranges as in the prompt. */
public record SamplingSettings(
    @Setting(value = "Tokens of a completion.", otherwise = "256", min = 1) int maxCompletionTokens,
    @Setting(value = "0 is greedy.", otherwise = "0", min = 0, max = 2) double temperature,
    @Setting(value = "Nucleus sampling; 1 keeps all.", otherwise = "1", min = 0, max = 1)
        double topP,
    @Setting(value = "Likeliest tokens kept; 0 keeps all.", otherwise = "0", min = 0) int topK,
    @Setting(
            value = "Drops tokens less likely than this fraction of the likeliest.",
            otherwise = "0",
            min = 0,
            max = 1)
        double minP,
    @Setting(value = "1 is none.", otherwise = "1", min = 0.01) double repetitionPenalty,
    @Setting(value = "0 is none.", otherwise = "0", min = -2, max = 2) double presencePenalty,
    @Setting(value = "0 is none.", otherwise = "0", min = -2, max = 2) double frequencyPenalty,
    @Setting("Put before the messages of a chat prompt that has no system message; empty for none.")
        String systemPrompt) {

  public SamplingSettings {
    if (topP == 0) {
      throw new IllegalArgumentException("top-p must be over 0");
    }
  }
}
