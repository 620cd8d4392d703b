package io.millrace.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.cli.ProviderOption;
import io.millrace.cli.reply.Clients;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Task;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures what the whole pipeline leaves of the bare engine's throughput. */
@Command(
    name = "pipeline",
    mixinStandardHelpOptions = true,
    description = {
      "Gives the same prompts to the engine alone and to the whole pipeline (exactly_once_v2, the"
          + " broker in a process of its own), in turns, and compares tokens/s from the first"
          + " prompt's sending to the last one's end, which for the pipeline is when a reader of"
          + " what is committed has it. All of it shares this machine's cores.",
      ""
    })
final class PipelineCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PREFILL_CHUNK = 256;
  private static final int ROOM_TOKENS = 64;

  @Parameters(paramLabel = "DIR", description = "The model's directory.")
  private Path model;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "16",
      description = "Prompts generated together. Default: ${DEFAULT-VALUE}.")
  private int concurrency;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "64",
      description = "Prompts of one turn, sent at once. Default: ${DEFAULT-VALUE}.")
  private int requests;

  @Option(
      names = "--completion",
      paramLabel = "TOKENS",
      defaultValue = "64",
      description = "Length of completions. Default: ${DEFAULT-VALUE}.")
  private int completionTokens;

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "5",
      description = "Of each, after one that does not count. Default: ${DEFAULT-VALUE}.")
  private int turns;

  @Mixin private ProviderOption provider;

  @Option(names = "--json", description = "One line of JSON instead of the text.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var session =
        new SessionSettings(
            concurrency,
            completionTokens + ROOM_TOKENS,
            PREFILL_CHUNK,
            0,
            false,
            provider.settings());
    var meters = new CompositeMeterRegistry();
    try (var engine = InferenceEngines.open(model, EngineSettings.of(session, requests), meters)) {
      MeasuredSystem.measure(
          "bench-pipeline",
          engine,
          meters,
          (configuration, broker) -> compare(engine, broker, new Clients(configuration, PATIENCE)));
    }
    return 0;
  }

  private void compare(InferenceEngine engine, BrokerProcess broker, Clients clients)
      throws InterruptedException, JsonProcessingException {
    List<Turn> bare = new ArrayList<>();
    List<Turn> whole = new ArrayList<>();
    try (var alone = new BareEngine(engine, PATIENCE);
        var pipeline = new Pipeline(clients, PATIENCE)) {
      for (int turn = 0; turn <= turns; turn++) {
        // Who begins takes turns too, so that a drift of the machine falls on both.
        boolean bareFirst = turn % 2 == 0;
        var prompts = prompts(turn);
        if (bareFirst) {
          keep(bare, turn, alone.run(prompts, broker));
        }
        keep(whole, turn, pipeline.run(prompts, broker));
        if (!bareFirst) {
          keep(bare, turn, alone.run(prompts, broker));
        }
        System.err.printf("%d of %d turns%n", turn, turns);
      }
    }
    var report = new PipelineReport(bare, whole);
    if (json) {
      System.out.println(new ObjectMapper().writeValueAsString(report.json()));
    } else {
      System.out.print(report.text());
    }
  }

  private static void keep(List<Turn> all, int turn, Turn measured) {
    if (turn > 0) {
      all.add(measured);
    }
  }

  private List<Prompt> prompts(int turn) {
    var sampling =
        Sampling.newBuilder().setMaxCompletionTokens(completionTokens).setIgnoreEos(true).build();
    return IntStream.range(0, requests)
        .mapToObj(
            index ->
                Prompt.newBuilder()
                    .setRequestId("turn-" + turn + "-" + index)
                    .setTask(Task.COMPLETE)
                    .setText("In turn " + turn + " number " + index + " asks for its order.")
                    .setSampling(sampling)
                    .build())
        .toList();
  }
}
