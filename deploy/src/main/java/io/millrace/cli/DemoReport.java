package io.millrace.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.cli.reply.ReplySummary;
import io.millrace.cli.terminal.Terminal;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

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

  /** One line of JSON. */
  String json() {
    var root = JsonNodeFactory.instance.objectNode().put("model", model);
    new ReplyReport(replies).putInto(root);
    root.put("ready_after_start_seconds", ReplyReport.seconds(ready))
        .put("first_token_after_start_seconds", ReplyReport.seconds(firstToken))
        .put("run_seconds", ReplyReport.seconds(run));
    peakResidentBytes.ifPresent(bytes -> root.put("peak_rss_bytes", bytes));
    return ReplyReport.write(root);
  }

  /** A line for each figure. */
  String table(Terminal terminal) {
    var table = new StringBuilder(new ReplyReport(replies).table(terminal));
    ReplyReport.row(
        terminal,
        table,
        "cost",
        String.format(Locale.ROOT, "%.6f", replies.costMicros() / 1e6),
        "in US dollars, at the demo's own prices");
    peakResidentBytes.ifPresent(
        bytes ->
            ReplyReport.row(
                terminal,
                table,
                "memory",
                String.format(Locale.ROOT, "%,d MB", bytes >> 20),
                "at most, broker, registry and model included"));
    ReplyReport.row(
        terminal,
        table,
        "start",
        String.format(Locale.ROOT, "%.1f s", ReplyReport.seconds(firstToken)),
        "from the start of the JVM to the first token");
    return table.toString();
  }
}
