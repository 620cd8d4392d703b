package io.millrace.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import io.millrace.local.FreePort;
import io.millrace.registry.IndependentClient;
import io.millrace.system.Log;
import io.millrace.system.Promises;
import io.millrace.system.Prompts;
import io.millrace.system.TopicReaders;
import io.millrace.topology.config.MillraceConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.lifecycle.Startables;

/** Three brokers, a registry and processors from the product's image, each in a container. */
@EnabledIf("io.millrace.containers.Engine#isRunning")
class ContainersIT {

  private static final int REGISTRY_PORT = 8080;
  private static final int PROMPTS = 120;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  private static final Network NETWORK = Network.newNetwork();
  private static final List<GenericContainer<?>> STARTED = new ArrayList<>();
  private static List<BrokerContainer> brokers = List.of();
  private static MillraceConfiguration configuration;

  /** Of the prompts that the tests have sent so far. */
  private static int sent;

  @BeforeAll
  static void start() throws Exception {
    Engine.buildImage();
    var registry =
        new GenericContainer<>(
                "apicurio/apicurio-registry:" + System.getProperty("apicurio.version"))
            .withNetwork(NETWORK)
            .withNetworkAliases("registry")
            .waitingFor(
                Wait.forHttp("/apis/ccompat/v7/subjects")
                    .forPort(REGISTRY_PORT)
                    .withStartupTimeout(WITHIN));
    registry.setPortBindings(List.of("127.0.0.1:" + FreePort.find() + ":" + REGISTRY_PORT));
    brokers =
        List.of(
            BrokerContainer.create(NETWORK, 1),
            BrokerContainer.create(NETWORK, 2),
            BrokerContainer.create(NETWORK, 3));
    STARTED.add(registry);
    STARTED.addAll(brokers);
    Startables.deepStart(STARTED).join();
    var bootstrap = brokers.stream().map(BrokerContainer::address).collect(Collectors.joining(","));
    var url = "http://localhost:" + registry.getMappedPort(REGISTRY_PORT) + "/apis/ccompat/v7";
    configuration =
        MillraceConfiguration.parse(
            """
            kafka:
              bootstrap.servers: %s
              application.id: millrace
            schema-registry:
              url: %s
            model:
              directory: unused
            """
                .formatted(bootstrap, url),
            Map.of());
  }

  @AfterAll
  static void stop() {
    STARTED.reversed().forEach(GenericContainer::stop);
    NETWORK.close();
  }

  private static ProcessorContainer startProcessor() {
    var processor = new ProcessorContainer(NETWORK);
    STARTED.add(processor);
    processor.start();
    return processor;
  }

  private static List<Prompt> nextPrompts(int count) {
    var prompts = Prompts.alike(sent, sent + count);
    sent += count;
    return prompts;
  }

  @Test
  void a_reply_can_be_read_without_a_line_of_ours_and_sigterm_ends_cleanly() throws Exception {
    try (var processor = startProcessor()) {
      var prompts = nextPrompts(1);
      Prompts.send(configuration, prompts);
      try (var completions = completions()) {
        completions.await(sent, WITHIN);
      }

      var url = String.valueOf(configuration.schemaRegistry().get("url"));
      var reader = new IndependentClient(url, "unused");
      assertThat(rawCompletions())
          .anySatisfy(
              value ->
                  assertThat(reader.read(value))
                      .contains("\"" + prompts.getFirst().getRequestId() + "\"", "COMPLETED"));
      assertThat(processor.execInContainer("id", "-u").getStdout().strip()).isEqualTo("10001");
      assertThat(processor.healthcheck()).as("lives").isTrue();
      assertThat(processor.healthcheck("ready")).as("takes prompts").isTrue();
      assertThat(processor.healthcheck("unheard-of")).as("a page that is not there").isFalse();
      assertThat(processor.terminate()).isZero();
    }
  }

  @Test
  void a_killed_broker_costs_no_prompt_and_doubles_none() throws Exception {
    try (var processor = startProcessor();
        var completions = completions()) {
      int before = sent;
      Prompts.send(configuration, nextPrompts(PROMPTS));
      completions.await(before + PROMPTS / 5, WITHIN);
      var broker = brokers.getLast();
      broker.kill();
      // Two of three replicas are enough to go on with.
      completions.await(before + PROMPTS / 2, WITHIN);
      broker.goOn();

      assertAnswered(completions);
      assertThat(processor.terminate()).isZero();
      Promises.assertKept(configuration);
    }
  }

  @Test
  void what_a_killed_processor_has_begun_another_finishes() {
    try (var killed = startProcessor();
        var _ = startProcessor();
        var completions = completions()) {
      int before = sent;
      Prompts.send(configuration, nextPrompts(PROMPTS));
      completions.await(before + PROMPTS / 5, WITHIN);
      killed.kill();

      var replies = assertAnswered(completions);
      assertThat(replies).extracting(Completion::getAttempt).contains(2);
      Promises.assertKept(configuration);
    }
  }

  /** Of all prompts sent so far; returns them. */
  private static List<Completion> assertAnswered(Log<Completion> completions) {
    completions.await(sent, WITHIN);
    var replies = completions.toEnd();
    assertThat(replies).extracting(Completion::getRequestId).hasSize(sent).doesNotHaveDuplicates();
    assertThat(replies).extracting(Completion::getStatus).containsOnly(Status.COMPLETED);
    return replies;
  }

  private static Log<Completion> completions() {
    return new Log<>(configuration, configuration.topics().completionsTopic(), Completion.class);
  }

  private static List<byte[]> rawCompletions() {
    var topic = configuration.topics().completionsTopic();
    List<byte[]> values = new ArrayList<>();
    try (var consumer = TopicReaders.raw(configuration, topic)) {
      long deadline = System.nanoTime() + WITHIN.toNanos();
      while (values.size() < sent && System.nanoTime() - deadline < 0) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
