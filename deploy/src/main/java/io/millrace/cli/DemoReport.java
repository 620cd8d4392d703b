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
import java.util.OptionalLong;
import java.util.StringJoiner;

/**
 * What a demo showed, as a table for people or as JSON for programs.
 *
 * @param model the model's name
 * @param ready from the JVM's start until the processor took prompts
 * @param firstToken from the JVM's start until the first token was received; zero if none was
 * @param run from the JVM's start until the last event was received
 * @param peakResidentBytes of the whole JVM: broker, registry, processor, model and this client
 */
record DemoReport(
    String model,
    Duration ready,
    Duration firstToken,
    Duration run,
    ReplySummary replies,
    OptionalLong peakResidentBytes) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** One line of JSON. */
  String json() {
    var root = JSON.createObjectNode();
    root.put("model", model)
        .put("prompts", replies.prompts())
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
    root.put("cost_micros", replies.costMicros())
        .put("ready_after_start_seconds", seconds(ready))
        .put("first_token_after_start_seconds", seconds(firstToken))
        .put("run_seconds", seconds(run));
    peakResidentBytes.ifPresent(bytes -> root.put("peak_rss_bytes", bytes));
    return write(root);
  }

  private static String write(ObjectNode root) {
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
    row(
        terminal,
        table,
        "cost",
        format("%.6f", replies.costMicros() / 1e6),
        "in US dollars, at the demo's own prices");
    peakResidentBytes.ifPresent(
        bytes ->
            row(
                terminal,
                table,
                "memory",
                format("%,d MB", bytes >> 20),
                "at most, broker, registry and model included"));
    row(
        terminal,
        table,
        "start",
        format("%.1f s", seconds(firstToken)),
        "from the start of the JVM to the first token");
    return table.toString();
  }

  private static void row(
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

  private static double seconds(Duration duration) {
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
