package io.millrace.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A dashboard of Grafana, as far as its queries go.
 *
 * @param panels each that shows something
 */
public record Dashboard(List<Panel> panels) {

  /** What stands for Grafana's variables where it is not Grafana that asks. */
  private static final Map<String, String> VARIABLES =
      Map.of("$instance", ".*", "$__rate_interval", "1m");

  /**
   * @param id unique in the dashboard
   * @param queries in PromQL
   */
  public record Panel(int id, String title, List<Query> queries) {}

  /**
   * @param expression in PromQL, without variables
   * @param legend with labels in double braces
   */
  public record Query(String expression, String legend) {}

  public static Dashboard read(Path file) throws IOException {
    List<Panel> panels = new ArrayList<>();
    for (var panel : new ObjectMapper().readTree(file.toFile()).path("panels")) {
      if (!panel.path("type").asText().equals("row")) {
        panels.add(panel(panel));
      }
    }
    return new Dashboard(panels);
  }

  private static Panel panel(JsonNode panel) {
    List<Query> queries = new ArrayList<>();
    for (var target : panel.path("targets")) {
      var expression = target.path("expr").asText();
      for (var variable : VARIABLES.entrySet()) {
        expression = expression.replace(variable.getKey(), variable.getValue());
      }
      queries.add(new Query(expression, target.path("legendFormat").asText()));
    }
    return new Panel(panel.path("id").asInt(), panel.path("title").asText(), queries);
  }
}
