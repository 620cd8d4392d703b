package io.millrace.topology.config;

import java.util.stream.Collectors;

/** The list of keys as people read it. */
public final class ConfigurationTable {

  private ConfigurationTable() {}

  /** A Markdown table: key, type, default, description. */
  public static String markdown() {
    return MillraceConfiguration.keys().stream()
        .map(
            key ->
                "| `%s` | %s | %s | %s |"
                    .formatted(key.path(), key.type(), otherwise(key), key.description()))
        .collect(
            Collectors.joining(
                "\n", "| Key | Type | Default | What it sets |\n|---|---|---|---|\n", "\n"));
  }

  private static String otherwise(ConfigurationKey key) {
    if (key.required()) {
      return "required";
    }
    return key.otherwise().isEmpty() ? "" : "`" + key.otherwise() + "`";
  }
}
