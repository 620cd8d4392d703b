package io.millrace.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.cli.CommandException;
import io.millrace.cli.ProviderOption;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.reply.PromptSender;
import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Status;
import io.millrace.events.Task;
import io.millrace.local.TemporaryDirectory;
import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.topology.MillraceApplication;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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

  private static final Duration START_WITHIN = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(100);
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

  /**
   * What a turn showed.
   *
   * @param cores that this process kept busy, on average
   * @param brokerCores the same of the broker
   */
  private record Turn(double tokensPerSecond, double cores, double brokerCores) {}

  /** Time and processor time so far, in nanoseconds. */
  private record Moment(long nanos, long ownNanos, long brokerNanos) {

    static Moment now(BrokerProcess broker) {
      long own =
          ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
      return new Moment(System.nanoTime(), own, broker.cpuTime().toNanos());
    }

    Turn until(Moment end, long tokens) {
      double elapsed = end.nanos - nanos;
      return new Turn(
          tokens * 1e9 / elapsed,
          (end.ownNanos - ownNanos) / elapsed,
          (end.brokerNanos - brokerNanos) / elapsed);
    }
  }

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
    var settings =
        new EngineSettings(
            Optional.empty(),
            session,
            requests,
            Long.MAX_VALUE,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            0);
    var meters = new CompositeMeterRegistry();
    try (var directory = TemporaryDirectory.create();
        var broker = BrokerProcess.start(directory.path());
        var registry = LocalSchemaRegistry.start(0);
        var engine = InferenceEngines.open(model, settings, meters)) {
      var configuration =
          MillraceConfiguration.parse(
              """
              kafka:
                bootstrap.servers: %s
                application.id: bench-pipeline
                state.dir: %s
              schema-registry.url: %s
              topics: {create: true, partitions: 3, replication: 1}
              model.directory: %s
              """
                  .formatted(
                      broker.bootstrapServers(),
                      directory.path().resolve("state"),
                      registry.url(),
                      model),
              System.getenv());
      try (var processor = new MillraceApplication(configuration, engine, meters)) {
        processor.start();
        if (!processor.awaitRunning(START_WITHIN)) {
          throw new CommandException("the processor did not start; MILLRACE_LOG=info says more");
        }
        compare(engine, broker, new Clients(configuration, PATIENCE));
      }
    }
    return 0;
  }

  private void compare(InferenceEngine engine, BrokerProcess broker, Clients clients)
      throws InterruptedException, JsonProcessingException {
    List<Turn> bare = new ArrayList<>();
    List<Turn> whole = new ArrayList<>();
    try (var channel = new BareEngine(engine);
        var pipeline = new Pipeline(clients)) {
      for (int turn = 0; turn <= turns; turn++) {
        // Who begins takes turns too, so that a drift of the machine falls on both.
        boolean bareFirst = turn % 2 == 0;
        var prompts = prompts(turn);
        if (bareFirst) {
          keep(bare, turn, channel.run(prompts, broker));
        }
        keep(whole, turn, pipeline.run(prompts, broker));
        if (!bareFirst) {
          keep(bare, turn, channel.run(prompts, broker));
        }
        System.err.printf("%d of %d turns%n", turn, turns);
      }
    }
    print(bare, whole);
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

  /** The engine without Kafka. */
  private final class BareEngine implements AutoCloseable {

    private final InferenceEngine engine;
    private final LinkedBlockingQueue<Terminal> ends = new LinkedBlockingQueue<>();
    private final EngineChannel channel;
    private long tokens;

    BareEngine(InferenceEngine engine) {
      this.engine = engine;
      // Taken on the engine's own thread: another would take a core away from those of a step.
      this.channel = engine.openChannel("bench", 1 << 20, this::drain);
    }

    private synchronized void drain() {
      for (var event = channel.poll(); event != null; event = channel.poll()) {
        switch (event) {
          case Token _ -> tokens++;
          case Terminal end -> ends.add(end);
        }
      }
    }

    Turn run(List<Prompt> prompts, BrokerProcess broker) throws InterruptedException {
      synchronized (this) {
        tokens = 0;
      }
      var start = Moment.now(broker);
      prompts.forEach(prompt -> channel.submit(request(prompt)));
      for (int ended = 0; ended < prompts.size(); ended++) {
        var end = ends.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (!(end instanceof Completed)) {
          throw new CommandException("a prompt did not complete: " + end);
        }
      }
      synchronized (this) {
        return start.until(Moment.now(broker), tokens);
      }
    }

    private GenerationRequest request(Prompt prompt) {
      var end = new EndConditions(List.of(), Set.of(), true, 0, completionTokens);
      var sampling = new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, end, false, 0);
      return new GenerationRequest(
          prompt.getRequestId(),
          1,
          engine.encoder().encodeText(prompt.getText()),
          sampling,
          0,
          Batchable.NO_DEADLINE,
          "",
          "");
    }

    @Override
    public void close() {
      channel.close();
    }
  }

  /** From a producer's sending to a reader of what is committed. */
  private static final class Pipeline implements AutoCloseable {

    private final PromptSender sender;
    private final KafkaConsumer<byte[], Completion> completions;

    Pipeline(Clients clients) {
      sender = new PromptSender(clients);
      completions =
          new KafkaConsumer<>(
              clients.committedReader(),
              new ByteArrayDeserializer(),
              clients.serde(Completion.class).deserializer());
      var topic = clients.topics().completionsTopic();
      completions.assign(
          completions.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList());
    }

    Turn run(List<Prompt> prompts, BrokerProcess broker) {
      var start = Moment.now(broker);
      prompts.forEach(sender::send);
      long tokens = 0;
      int ended = 0;
      while (ended < prompts.size()) {
        if (System.nanoTime() - start.nanos() > PATIENCE.toNanos()) {
          sender.throwIfFailed();
          throw new CommandException("completions stopped coming");
        }
        for (var record : completions.poll(POLL)) {
          if (record.value().getStatus() != Status.COMPLETED) {
            throw new CommandException("a prompt ended as " + record.value().getStatus());
          }
          tokens += record.value().getCompletionTokens();
          ended++;
        }
      }
      return start.until(Moment.now(broker), tokens);
    }

    @Override
    public void close() {
      sender.close();
      completions.close();
    }
  }

  private void print(List<Turn> bare, List<Turn> whole) throws JsonProcessingException {
    double bareSpeed = median(bare, Turn::tokensPerSecond);
    double speed = median(whole, Turn::tokensPerSecond);
    List<Double> shares = new ArrayList<>();
    for (int turn = 0; turn < turns; turn++) {
      shares.add(whole.get(turn).tokensPerSecond() / bare.get(turn).tokensPerSecond());
    }
    double share = shares.stream().sorted().skip(turns / 2).findFirst().orElseThrow();
    if (json) {
      var object =
          new ObjectMapper()
              .createObjectNode()
              .put("engine_tokens_per_second", bareSpeed)
              .put("pipeline_tokens_per_second", speed)
              .put("share", share)
              .put("engine_cores", median(bare, Turn::cores))
              .put("pipeline_cores", median(whole, Turn::cores))
              .put("broker_cores", median(whole, Turn::brokerCores));
      var all = object.putArray("shares");
      shares.forEach(all::add);
      System.out.println(new ObjectMapper().writeValueAsString(object));
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "engine alone %.1f tokens/s, the whole pipeline %.1f; median of %d turns, each against its"
            + " neighbour: %.1f %% (%s)%n",
        bareSpeed,
        speed,
        turns,
        100 * share,
        String.join(", ", shares.stream().map(one -> "%.1f".formatted(100 * one)).toList()));
    System.out.printf(
        Locale.ROOT,
        "cores busy: engine alone %.2f; in the pipeline %.2f, and %.2f of the broker%n",
        median(bare, Turn::cores),
        median(whole, Turn::cores),
        median(whole, Turn::brokerCores));
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return turns.stream()
        .mapToDouble(figure)
        .sorted()
        .skip(turns.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}
