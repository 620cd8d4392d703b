package io.millrace.dashboard;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a query selects of a scrape: {@code name{label="value"}}. Braces are always there in the
 * dashboard, so that a name can be told from a function.
 *
 * @param matchers one for each label
 */
record Selector(String name, Map<String, Predicate<String>> matchers) {

  /** Prometheus adds these to what it scrapes. */
  static final Set<String> ADDED = Set.of("instance", "job");

  private static final Pattern SELECTOR =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\{([^}]*)\\}");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on)\\s*\\(([^)]*)\\)");
  private static final Pattern LEGEND = Pattern.compile("\\{\\{\\s*(\\w+)\\s*\\}\\}");

  /** Those of an expression in PromQL. */
  static List<Selector> in(String expression) {
    return SELECTOR
        .matcher(expression)
        .results()
        .map(found -> new Selector(found.group(1), matchers(found.group(2))))
        .toList();
  }

  private static Map<String, Predicate<String>> matchers(String text) {
    return MATCHER
        .matcher(text)
        .results()
        .collect(
            Collectors.toMap(
                found -> found.group(1), found -> predicate(found.group(2), found.group(3))));
  }

  private static Predicate<String> predicate(String operator, String value) {
    return switch (operator) {
      case "=" -> value::equals;
      case "!=" -> other -> !value.equals(other);
      case "=~" -> Pattern.compile(value).asMatchPredicate();
      case "!~" -> Pattern.compile(value).asMatchPredicate().negate();
      default -> throw new AssertionError(operator);
    };
  }

  /** Labels that a query groups by or names in its legend. */
  static Set<String> labels(Dashboard.Query query) {
    var grouped =
        GROUPING
            .matcher(query.expression())
            .results()
            .flatMap(found -> Stream.of(found.group(1).split(",")))
            .map(String::strip);
    var named = LEGEND.matcher(query.legend()).results().map(found -> found.group(1));
    return Stream.concat(grouped, named)
        .filter(label -> !label.isEmpty() && !ADDED.contains(label))
        .collect(Collectors.toSet());
  }

  /** A label that a sample has not is, for Prometheus, an empty one. */
  boolean selects(Scrape.Sample sample) {
    return sample.name().equals(name)
        && matchers.entrySet().stream()
            .filter(matcher -> !ADDED.contains(matcher.getKey()))
            .allMatch(
                matcher ->
                    matcher
                        .getValue()
                        .test(
                            Objects.requireNonNullElse(sample.labels().get(matcher.getKey()), "")));
  }
}
