package io.millrace.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.monitoring.Health;
import io.millrace.monitoring.Monitoring;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.MillraceApplication;
import io.millrace.topology.Preparation;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.MonitoringSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.streams.KafkaStreams.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a processor against an existing Kafka until it is told to stop. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a processor against an existing Kafka until it is stopped (SIGTERM or Ctrl-C).",
      ""
    },
    footer = {
      "",
      "Every key of the configuration can be overridden by an environment variable:",
      "engine.slots by MILLRACE_ENGINE_SLOTS, kafka's bootstrap.servers by",
      "MILLRACE_KAFKA_BOOTSTRAP_SERVERS. deploy/examples/millrace.yaml shows the keys.",
      "",
      "Exit code: 0 after a clean stop that was asked for, 1 if the processor failed."
    })
final class RunCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "The configuration, in YAML.")
  private Path config;

  @Override
  public Integer call() throws InterruptedException {
    Logging.tellProgress();
    var configuration = MillraceConfiguration.load(config, System.getenv());
    MistypedVariables.in(System.getenv().keySet()).forEach(LOG::warn);
    try (var signal = new StopSignal()) {
      int code = run(configuration, signal);
      signal.endWith(code);
      return code;
    }
  }

  private static int run(MillraceConfiguration configuration, StopSignal signal)
      throws InterruptedException {
    var health = new Health();
    watch(health, signal);
    try (var monitoring = monitoring(configuration.monitoring(), health);
        var preparation = Preparation.begin(configuration);
        var engine = ConfiguredEngine.open(configuration, monitoring.registry());
        var processor = assemble(preparation, engine, monitoring.registry(), health)) {
      processor.addStateListener(
          (now, before) -> {
            if (now == State.RUNNING) {
              LOG.info("Ready: taking prompts from {}", configuration.topics().promptsTopic());
            }
            if (now.hasCompletedShutdown()) {
              signal.stop();
            }
          });
      processor.start();
      signal.await();
      LOG.info("Stopping");
      return processor.state() == State.ERROR ? 1 : 0;
    }
  }

  /**
   * Ends this process when only a new one can go on. On a thread of its own, because there is
   * nothing that could not hang by then.
   */
  private static void watch(Health health, StopSignal signal) {
    var faults =
        new LastingFaults(
            health::deadly, new WallClock(System::currentTimeMillis, System::nanoTime));
    Thread.ofPlatform()
        .daemon()
        .name("millrace-watch")
        .start(
            () -> {
              var found = Optional.<String>empty();
              while (found.isEmpty() && !signal.isTold()) {
                found = lookLater(faults);
              }
              found.ifPresent(
                  reason -> {
                    LOG.error("Ending: {}", reason);
                    signal.fail();
                  });
            });
  }

  private static Optional<String> lookLater(LastingFaults faults) {
    try {
      Thread.sleep(LOOK_EVERY);
      return faults.look();
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  private static Monitoring monitoring(MonitoringSettings settings, Health health) {
    try {
      return Monitoring.start(settings, health);
    } catch (IOException e) {
      throw new CommandException(
          "monitoring cannot be served on %s:%d: %s"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
  }

  private static MillraceApplication assemble(
      Preparation preparation, InferenceEngine engine, MeterRegistry registry, Health health) {
    health.loaded(engine);
    var processor = new MillraceApplication(preparation, engine, registry);
    health.assembled(processor);
    return processor;
  }
}
