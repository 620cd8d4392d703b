package io.millrace.topology.config;

import java.util.List;

/** Where prompts come from and events go. */
public record TopicSettings(
    @Setting(value = "Put before every topic name.", otherwise = "millrace.") String prefix,
    @Setting(value = "Prompts to answer.", otherwise = "prompts") String prompts,
    @Setting(value = "One event for each generated token.", otherwise = "tokens") String tokens,
    @Setting(value = "One terminal event for each prompt.", otherwise = "completions")
        String completions,
    @Setting(value = "One usage record for each terminal event.", otherwise = "usage") String usage,
    @Setting(value = "Dead letters.", otherwise = "errors") String errors,
    @Setting(value = "Commands about prompts in flight; empty to have none.", otherwise = "control")
        String control,
    @Setting(value = "Whether topics that are missing are created.", otherwise = "false")
        boolean create,
    @Setting(value = "Partitions of created topics.", otherwise = "6", min = 1) int partitions,
    @Setting(
            value =
                "Replication factor of created topics and of the in-flight store's changelog;"
                    + " -1 is the broker's default.",
            otherwise = "-1",
            min = -1)
        int replication) {

  public TopicSettings {
    if (replication == 0) {
      throw new IllegalArgumentException("replication must not be 0");
    }
    requireName("prompts", prompts);
    requireName("tokens", tokens);
    requireName("completions", completions);
    requireName("usage", usage);
    requireName("errors", errors);
  }

  private static void requireName(String key, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(key + " must not be empty: only control may be left out");
    }
  }

  public String promptsTopic() {
    return prefix + prompts;
  }

  public String tokensTopic() {
    return prefix + tokens;
  }

  public String completionsTopic() {
    return prefix + completions;
  }

  public String usageTopic() {
    return prefix + usage;
  }

  public String errorsTopic() {
    return prefix + errors;
  }

  /** Meaningful only if {@link #hasControl()}. */
  public String controlTopic() {
    return prefix + control;
  }

  public boolean hasControl() {
    return !control.isBlank();
  }

  /** Full names, those that are read first. */
  public List<String> all() {
    return hasControl()
        ? List.of(
            promptsTopic(),
            controlTopic(),
            tokensTopic(),
            completionsTopic(),
            usageTopic(),
            errorsTopic())
        : List.of(promptsTopic(), tokensTopic(), completionsTopic(), usageTopic(), errorsTopic());
  }
}
