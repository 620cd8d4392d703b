package io.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.cli.reply.Percentiles;
import io.millrace.cli.reply.ReplySummary;
import io.millrace.cli.terminal.Terminal;
import io.millrace.cli.terminal.Terminal.Style;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;

/** The replies to a run's prompts, as rows of a table for people or as JSON for programs. */
record ReplyReport(ReplySummary replies) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** One line of JSON. */
  String json() {
    var root = JSON.createObjectNode();
    putInto(root);
    return write(root);
  }

  /** Adds the fields, of which each is named with its unit. */
  void putInto(ObjectNode root) {
    root.put("prompts", replies.prompts())
        .put("completions", replies.completed())
        .put("terminal_events", replies.ended())
        .put("usage_records", replies.usageRecords());
    var statuses = root.putObject("statuses");
    replies
        .statuses()
        .forEach((status, count) -> statuses.put(status.name().toLowerCase(Locale.ROOT), count));
    root.put("tokens", replies.tokens())
        .put("seconds", seconds(replies.span()))
        .put("tokens_per_second", rounded(replies.tokensPerSecond()));
    put(root.putObject("time_to_first_token_ms"), replies.firstToken());
    put(root.putObject("time_per_output_token_ms"), replies.perToken());
    put(root.putObject("inter_token_ms"), replies.betweenTokens());
    root.put("batch_size_mean", rounded(replies.batchSizeMean()));
    var batchSizes = root.putObject("batch_size_max");
    replies.batchSizes().forEach((size, count) -> batchSizes.put(size.toString(), count));
    root.put("cost_micros", replies.costMicros());
  }

  static String write(ObjectNode root) {
    try {
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void put(ObjectNode node, Percentiles percentiles) {
    node.put("p50", percentiles.millisAt(50)).put("p99", percentiles.millisAt(99));
  }

  /** A line for each figure. */
  String table(Terminal terminal) {
    var table = new StringBuilder();
    row(terminal, table, "prompts", count(replies.prompts()), statuses());
    row(
        terminal,
        table,
        "tokens",
        count(replies.tokens()),
        format("in %.1f s, from the first prompt to the last reply", seconds(replies.span())));
    row(terminal, table, "tokens/s", format("%,.0f", replies.tokensPerSecond()), "");
    row(
        terminal,
        table,
        "first token",
        millis(replies.firstToken(), 50),
        tail(replies.firstToken()));
    row(terminal, table, "each token", millis(replies.perToken(), 50), tail(replies.perToken()));
    row(terminal, table, "batch size", format("%.1f", replies.batchSizeMean()), batchSizes());
    return table.toString();
  }

  static void row(
      Terminal terminal, StringBuilder table, String name, String value, String remark) {
    table
        .append(terminal.styled(Style.FAINT, format("  %-12s", name)))
        .append(terminal.styled(Style.BOLD, format("%10s", value)))
        .append(remark.isEmpty() ? "" : terminal.styled(Style.FAINT, "   " + remark))
        .append('\n');
  }

  private String statuses() {
    var statuses = new StringJoiner(", ");
    replies
        .statuses()
        .forEach(
            (status, count) -> statuses.add(count + " " + status.name().toLowerCase(Locale.ROOT)));
    int missing = replies.prompts() - replies.ended();
    if (missing > 0) {
      statuses.add(missing + " unanswered");
    }
    return statuses + format("; %d usage records", replies.usageRecords());
  }

  private String batchSizes() {
    int most = replies.batchSizes().keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    return format("prompts decoded together on average, %d at most", most);
  }

  private static String tail(Percentiles percentiles) {
    return "p50; p99 is " + millis(percentiles, 99);
  }

  private static String millis(Percentiles percentiles, double percent) {
    double millis = percentiles.millisAt(percent);
    return format(millis < 10 ? "%.1f ms" : "%,.0f ms", millis);
  }

  private static String count(int number) {
    return format("%,d", number);
  }

  static double seconds(Duration duration) {
    return rounded(duration.toNanos() / 1e9);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1e3;
  }

  @SuppressWarnings("AnnotateFormatMethod") // private, and each format stands next to its values
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
