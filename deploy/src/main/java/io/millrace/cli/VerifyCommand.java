package io.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.topics.TopicRange;
import io.millrace.cli.verify.InvariantChecker;
import io.millrace.cli.verify.TopicScan;
import io.millrace.cli.verify.VerifyReport;
import io.millrace.cli.verify.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks the topics of a processor against what it promises. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads prompts and events up to where the topics end now, and checks that every accepted"
          + " prompt has one terminal event and one usage record that agree, that its tokens have"
          + " no gaps and make up its text, that rejections and failures have dead letters, and"
          + " that conversations were answered in order.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 if all of it holds, else 1.",
      "",
      "Examples:",
      "  millrace verify --config millrace.yaml                everything that is in the topics",
      "  millrace verify --running --from 2026-11-26T08:00:00Z  prompts may still be answered"
    })
final class VerifyCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();

  @Mixin private ProcessorOption processor;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Prompts sent at this time or later, such as 2026-11-26T08:00:00Z.")
  private Optional<Instant> from;

  @Option(names = "--to", paramLabel = "TIME", description = "Prompts sent before this time.")
  private Optional<Instant> to;

  @Option(
      names = "--running",
      description = "Prompts may be without an end, because they are still being answered.")
  private boolean running;

  @Option(
      names = "--show",
      paramLabel = "N",
      defaultValue = "20",
      description = "Violations to show. Default: ${DEFAULT-VALUE}.")
  private int show;

  @Option(names = "--json", description = "One line of JSON instead of the text.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    var configuration = processor.configuration();
    var clients = new Clients(configuration, PATIENCE);
    clients.checkTopics();
    var checker =
        new InvariantChecker(
            configuration.topics().promptsTopic(), !configuration.isExactlyOnce(), running, show);
    try (var scan = new TopicScan(configuration, checker);
        var range = new TopicRange(clients.committedReader(), from, to)) {
      scan.read(range, progress());
    }
    var report = checker.finish();
    System.out.print(json ? json(report) + System.lineSeparator() : report.text());
    return report.isClean() ? 0 : 1;
  }

  /** A line on standard error every second. */
  private static LongConsumer progress() {
    long[] last = {System.nanoTime()};
    return records -> {
      long now = System.nanoTime();
      if (now - last[0] > PROGRESS_NANOS) {
        last[0] = now;
        System.err.printf(Locale.ROOT, "%,d records read%n", records);
      }
    };
  }

  private static String json(VerifyReport report) throws JsonProcessingException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("prompts", report.prompts());
    fields.put("terminal_events", report.ends());
    fields.put("usage_records", report.usages());
    fields.put("tokens", report.tokens());
    fields.put("dead_letters", report.deadLetters());
    fields.put("open", report.open());
    fields.put("repeats", report.repeats());
    fields.put("violations", report.violations());
    fields.put("examples", report.examples().stream().map(VerifyCommand::fields).toList());
    return new ObjectMapper().writeValueAsString(fields);
  }

  private static Map<String, String> fields(Violation violation) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("rule", violation.rule().name());
    if (violation.requestId() != null) {
      fields.put("request_id", violation.requestId());
    }
    if (violation.place() != null) {
      fields.put("place", violation.place().toString());
    }
    fields.put("detail", violation.detail());
    return fields;
  }
}
