package io.millrace.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.monitoring.Health;
import io.millrace.monitoring.Monitoring;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.MillraceApplication;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.MonitoringSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
    try (var monitoring = monitoring(configuration.monitoring(), health);
        var engine = ConfiguredEngine.open(configuration, monitoring.registry());
        var processor = assemble(configuration, engine, monitoring.registry(), health)) {
      processor.addStateListener(
          (now, before) -> {
            if (now == State.RUNNING) {
              LOG.info("Ready: taking prompts from {}", configuration.topics().promptsTopic());
            }
            // Its threads may need for ever to end; closing it has a bound.
            if (now == State.PENDING_ERROR || now.hasCompletedShutdown()) {
              signal.stop();
            }
          });
      processor.start();
      boolean isStuck = awaitEnd(signal, engine);
      LOG.info("Stopping");
      return isStuck || hasFailed(processor.state()) ? 1 : 0;
    }
  }

  private static boolean hasFailed(State state) {
    return state == State.PENDING_ERROR || state == State.ERROR;
  }

  /**
   * Waits until it is told to stop, or until the engine hangs in a step that cannot be stopped,
   * which only a new process mends. Returns whether it was that.
   */
  private static boolean awaitEnd(StopSignal signal, InferenceEngine engine)
      throws InterruptedException {
    int stuck = 0;
    while (!signal.await(LOOK_EVERY)) {
      // Once is not enough: after this process itself stood still, any step looks like one that
      // hangs.
      stuck = engine.isResponsive() ? 0 : stuck + 1;
      if (stuck > 1) {
        LOG.error("Ending: the engine hangs in a step that cannot be stopped");
        return true;
      }
    }
    return false;
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
      MillraceConfiguration configuration,
      InferenceEngine engine,
      MeterRegistry registry,
      Health health) {
    health.loaded(engine);
    var processor = new MillraceApplication(configuration, engine, registry);
    health.assembled(processor);
    return processor;
  }
}
