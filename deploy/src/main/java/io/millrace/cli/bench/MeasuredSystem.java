package io.millrace.cli.bench;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.cli.CommandException;
import io.millrace.local.TemporaryDirectory;
import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.MillraceApplication;
import io.millrace.topology.Preparation;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.time.Duration;

/**
 * A processor in this JVM, with a registry beside it and a broker in a process of its own, for as
 * long as a measurement takes. Settings in {@code MILLRACE_} variables apply.
 */
final class MeasuredSystem {

  private static final Duration START_WITHIN = Duration.ofSeconds(60);

  private MeasuredSystem() {}

  /** What is done with it. */
  interface Measurement {
    void run(MillraceConfiguration configuration, BrokerProcess broker)
        throws IOException, InterruptedException;
  }

  /**
   * Starts it, measures, and stops it.
   *
   * @param name of the application
   * @param engine stays the caller's
   */
  static void measure(
      String name, InferenceEngine engine, MeterRegistry meters, Measurement measurement)
      throws IOException, InterruptedException {
    try (var directory = TemporaryDirectory.create();
        var broker = BrokerProcess.start(directory.path());
        var registry = LocalSchemaRegistry.start(0)) {
      var configuration =
          MillraceConfiguration.parse(
              """
              kafka:
                bootstrap.servers: %s
                application.id: %s
                state.dir: %s
              schema-registry.url: %s
              topics: {create: true, partitions: 3, replication: 1}
              model.directory: none
              """
                  .formatted(
                      broker.bootstrapServers(),
                      name,
                      directory.path().resolve("state"),
                      registry.url()),
              System.getenv());
      try (var preparation = Preparation.begin(configuration);
          var processor = new MillraceApplication(preparation, engine, meters)) {
        processor.start();
        if (!processor.awaitRunning(START_WITHIN)) {
          throw new CommandException("the processor did not start; MILLRACE_LOG=info says more");
        }
        measurement.run(configuration, broker);
      }
    }
  }
}
