package io.millrace.system.faults;

import io.millrace.events.Prompt;
import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.system.MillraceJvm;
import io.millrace.system.ProcessorYaml;
import io.millrace.system.Prompts;
import io.millrace.system.TinyModel;
import io.millrace.system.faults.agent.StepFaults;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Processors, brokers and a registry, each of which can be broken: the processors are in JVMs of
 * their own, are started again whenever they end, and reach all others by links that can be cut.
 */
final class BreakableSystem implements AutoCloseable {

  static final int PROCESSORS = 2;

  /** A step takes milliseconds; but a processor that stands still for a while has no hung one. */
  static final Duration STEP_TIMEOUT = Fault.LONG.plusSeconds(2);

  private static final Duration STEP_WITHIN = Duration.ofSeconds(15);

  /** So many prompts at once for a fault that needs some. */
  private static final int SOME = 6;

  /** Few slots, so that much is in flight. What breaks is to break no prompt's limits. */
  private static final Map<String, ?> SETTINGS =
      Map.of(
          "engine",
              Map.of(
                  "slots", 2,
                  "threads", 1,
                  "capacity", 512,
                  "step-timeout", STEP_TIMEOUT.toSeconds() + "s"),
          "inflight", Map.of("checkpoint-tokens", 16, "max-attempts", 1_000, "retries", 1_000),
          "topics", Map.of("create", true, "partitions", 3, "replication", Cluster.BROKERS));

  private final Path directory;
  private final String guarantee;
  private final Cluster cluster;
  private final LocalSchemaRegistry registry;
  private final Link registryLink;
  private final Path model;
  private final List<Optional<SmallDisk>> disks = new ArrayList<>();
  private final List<Optional<MovableClock>> clocks = new ArrayList<>();
  private final List<StepFaultSwitch> steps = new ArrayList<>();
  private final List<SupervisedProcessor> processors = new ArrayList<>();
  private final List<Prompt> sent = new ArrayList<>();
  private final AtomicInteger starts = new AtomicInteger();
  private int hangs;

  private BreakableSystem(Path directory, String guarantee)
      throws IOException, InterruptedException {
    this.directory = directory;
    this.guarantee = guarantee;
    model = TinyModel.in(directory);
    registry = LocalSchemaRegistry.start(0);
    registryLink = new Link(URI.create(registry.url()).getPort());
    cluster = Cluster.start(directory, PROCESSORS);
  }

  /** Starts one, and returns when it takes prompts. */
  static BreakableSystem start(Path directory, String guarantee)
      throws IOException, InterruptedException {
    var system = new BreakableSystem(directory, guarantee);
    try {
      var agent = StepFaultSwitch.packAgent(directory);
      for (int number = 0; number < PROCESSORS; number++) {
        system.disks.add(SmallDisk.mount(system.state(number)));
        system.clocks.add(MovableClock.at(directory.resolve("clock-" + number)));
        system.steps.add(new StepFaultSwitch(agent, directory.resolve("step-" + number)));
        system.processors.add(system.startProcessor(number));
      }
      system.awaitReady();
    } catch (IOException | InterruptedException | RuntimeException | Error failure) {
      system.close();
      throw failure;
    }
    return system;
  }

  private SupervisedProcessor startProcessor(int number) throws IOException {
    var file = directory.resolve("processor-" + number + ".yaml");
    Files.writeString(
        file,
        ProcessorYaml.of(
            cluster.bootstrapServers(number),
            "http://localhost:" + registryLink.port(),
            model,
            guarantee,
            state(number),
            SETTINGS));
    return new SupervisedProcessor(
        () ->
            MillraceJvm.start(
                directory,
                "processor-%d-%d".formatted(number, starts.getAndIncrement()),
                List.of(steps.get(number).option()),
                clocks.get(number).map(MovableClock::environment).orElse(Map.of()),
                "run",
                "--config",
                file.toString()));
  }

  private Path state(int number) {
    return directory.resolve("state-" + number);
  }

  /** What can happen on this machine; of what cannot, a line is printed. */
  Set<Fault> possible() {
    var possible = EnumSet.allOf(Fault.class);
    if (disks.getFirst().isEmpty()) {
      System.out.println("Without FILL_DISK: only root may mount a small file system");
      possible.remove(Fault.FILL_DISK);
    }
    if (clocks.getFirst().isEmpty()) {
      System.out.println("Without MOVE_CLOCK: libfaketime is not installed");
      possible.remove(Fault.MOVE_CLOCK);
    }
    return possible;
  }

  /** For clients of the test, which no fault cuts off. */
  MillraceConfiguration configuration() {
    return MillraceConfiguration.parse(
        ProcessorYaml.of(
            cluster.bootstrapServers(), registry.url(), model, guarantee, directory, SETTINGS),
        Map.of());
  }

  Cluster cluster() {
    return cluster;
  }

  /** The way to the registry. */
  Link registry() {
    return registryLink;
  }

  SupervisedProcessor processor(int number) {
    return processors.get(number);
  }

  List<SupervisedProcessor> processors() {
    return processors;
  }

  /** That of a processor's state. */
  SmallDisk disk(int number) {
    return disks.get(number).orElseThrow();
  }

  MovableClock clock(int number) {
    return clocks.get(number).orElseThrow();
  }

  void awaitReady() throws InterruptedException {
    for (var processor : processors) {
      processor.awaitReady();
    }
  }

  /** Sends so many new prompts. */
  void send(int count) {
    Prompts.send(configuration(), next(count));
  }

  /** Sends some that have to be looked up in the registry. */
  void sendNewerPrompts() {
    NewerPrompts.send(configuration(), next(SOME), "field" + sent.size());
  }

  private List<Prompt> next(int count) {
    var prompts = Prompts.alike(sent.size(), sent.size() + count);
    sent.addAll(prompts);
    return prompts;
  }

  /** All that were sent. */
  List<Prompt> sent() {
    return List.copyOf(sent);
  }

  /**
   * Has the next steps of a processor fail, and returns when the first of them has begun.
   *
   * @param number of the processor, or of another if this one has nothing to do: after a rebalance
   *     one may have all partitions for minutes
   * @return which one it was
   */
  int failSteps(int number, StepFaults.Kind kind, int count)
      throws IOException, InterruptedException {
    if (kind == StepFaults.Kind.HANGS) {
      hangs++;
    }
    for (int tries = 0; tries < 10; tries++) {
      int chosen = (number + tries) % PROCESSORS;
      var step = steps.get(chosen);
      step.set(kind, count);
      // Those that were sent before may have ended by now.
      send(SOME);
      step.awaitTakenFor(STEP_WITHIN);
      if (!step.withdraw()) {
        return chosen;
      }
    }
    throw new AssertionError("no processor computes anything");
  }

  /** How many steps were made to hang. */
  int hangs() {
    return hangs;
  }

  /** A third processor comes for a while. */
  void joinAndLeave(Duration stay) throws IOException, InterruptedException {
    var file = directory.resolve("guest.yaml");
    Files.writeString(
        file,
        ProcessorYaml.of(
            cluster.bootstrapServers(),
            registry.url(),
            model,
            guarantee,
            state(PROCESSORS),
            SETTINGS));
    try (var guest =
        MillraceJvm.start(
            directory, "guest-" + starts.getAndIncrement(), "run", "--config", file.toString())) {
      guest.awaitStart(() -> guest.errors().contains("Ready"));
      Thread.sleep(stay);
      guest.terminate();
    }
  }

  @Override
  public void close() {
    processors.forEach(SupervisedProcessor::close);
    registryLink.close();
    registry.close();
    cluster.close();
    disks.forEach(disk -> disk.ifPresent(SmallDisk::close));
  }
}
