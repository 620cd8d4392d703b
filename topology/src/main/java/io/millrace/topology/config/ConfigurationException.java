package io.millrace.topology.config;

import java.util.List;

/** The configuration cannot be used; names every key at fault, not only the first. */
public final class ConfigurationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** One sentence for each problem, beginning with the key. */
  public List<String> problems() {
    return problems;
  }
}
