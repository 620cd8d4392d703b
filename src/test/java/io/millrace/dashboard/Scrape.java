package io.millrace.dashboard;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a processor shows at {@code /metrics}, in Prometheus' text format. */
public record Scrape(List<Sample> samples) {

  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** One line, without its value. */
  public record Sample(String name, Map<String, String> labels) {}

  public static Scrape parse(String text) {
    return new Scrape(
        SAMPLE
            .matcher(text)
            .results()
            .map(line -> new Sample(line.group(1), labels(line.group(2))))
            .toList());
  }

  private static Map<String, String> labels(String text) {
    return text == null
        ? Map.of()
        : LABEL
            .matcher(text)
            .results()
            .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2)));
  }

  /** What a query would not find here: names with such labels, and labels it groups by. */
  public List<String> missing(Dashboard.Query query) {
    var selectors = Selector.in(query.expression());
    var missing = new TreeSet<String>();
    if (selectors.isEmpty()) {
      missing.add("nothing is selected by " + query.expression());
    }
    for (var selector : selectors) {
      var found = samples.stream().filter(selector::selects).toList();
      if (found.isEmpty()) {
        missing.add(selector.name() + " as in " + query.expression());
      }
      for (var label : Selector.labels(query)) {
        if (found.stream().noneMatch(sample -> sample.labels().containsKey(label))) {
          missing.add("label " + label + " of " + selector.name());
        }
      }
    }
    return List.copyOf(missing);
  }
}
