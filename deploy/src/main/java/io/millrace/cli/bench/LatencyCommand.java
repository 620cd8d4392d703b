package io.millrace.cli.bench;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.cli.CommandException;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.reply.Percentiles;
import io.millrace.cli.reply.PromptSender;
import io.millrace.cli.reply.ReplyEvent.TokenReceived;
import io.millrace.cli.reply.ReplyFollower;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how long a token takes from the engine to a consumer. */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how long a token takes from the engine to a consumer that reads uncommitted, under"
          + " exactly_once_v2. The broker runs in a process of its own; an engine without a model"
          + " makes a token every 3 to 7 ms. Settings in MILLRACE_ variables apply.",
      ""
    })
final class LatencyCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int TOKENS_A_PROMPT = 100;
  private static final long LEAST_GAP_NANOS = 3_000_000;
  private static final long MOST_GAP_NANOS = 7_000_000;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "2000",
      description = "How many are measured. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "12000",
      description = {
        "How many go before them: a minute, after which the two JVMs have compiled what is hot.",
        "Default: ${DEFAULT-VALUE}."
      })
  private int warmUp;

  @Option(names = "--json", description = "One line of JSON instead of the text.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (var engine = new PacedEngine(LEAST_GAP_NANOS, MOST_GAP_NANOS)) {
      MeasuredSystem.measure(
          "bench-latency",
          engine,
          new CompositeMeterRegistry(),
          (configuration, _) -> print(measure(new Clients(configuration, PATIENCE))));
    }
    return 0;
  }

  private Percentiles measure(Clients clients) throws InterruptedException {
    List<Long> latencies = new ArrayList<>();
    try (var follower = new ReplyFollower(clients);
        var sender = new PromptSender(clients)) {
      int wanted = warmUp + tokens;
      for (int sent = 0; sent < wanted; sent += TOKENS_A_PROMPT) {
        sender.send(prompt("bench-" + sent));
      }
      while (latencies.size() < wanted) {
        switch (follower.poll(PATIENCE)) {
          case null -> throw new CommandException("tokens stopped coming");
          case TokenReceived received ->
              latencies.add(
                  received.receivedNanos() - PacedEngine.madeNanos(received.token().getText()));
          default -> {}
        }
      }
    }
    return new Percentiles(latencies.subList(warmUp, warmUp + tokens));
  }

  private static Prompt prompt(String requestId) {
    var sampling = Sampling.newBuilder().setMaxCompletionTokens(TOKENS_A_PROMPT).build();
    return Prompt.newBuilder()
        .setRequestId(requestId)
        .setText("go")
        .setTask(Task.COMPLETE)
        .setSampling(sampling)
        .build();
  }

  private void print(Percentiles latency) {
    var format =
        json
            ? "{\"tokens\":%d,\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f}}%n"
            : "%d tokens, engine to consumer: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, at most %.2f"
                + " ms%n";
    System.out.printf(
        Locale.ROOT,
        format,
        latency.count(),
        latency.millisAt(50),
        latency.millisAt(90),
        latency.millisAt(99),
        latency.millisAt(100));
  }
}
