package io.millrace.topology.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.load.PartitionLoads;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;

/** The meters of a processor as a whole: its lag, its load, and those of Kafka Streams. */
public final class ApplicationMeters implements AutoCloseable {

  private static final Duration LAG_PERIOD = Duration.ofSeconds(5);

  private final MeterRegistry registry;
  private final KafkaStreamsMetrics kafka;
  private final List<Meter> loadMeters;
  private final PromptLag lag;

  /**
   * @param properties for a client that asks how much is left to do
   */
  public ApplicationMeters(
      MeterRegistry registry,
      MillraceConfiguration configuration,
      Properties properties,
      KafkaStreams streams,
      PartitionLoads loads,
      PromptMeters prompts) {
    this.registry = registry;
    kafka = new KafkaStreamsMetrics(streams);
    kafka.bindTo(registry);
    loadMeters =
        List.of(
            Gauge.builder("millrace.prompts.in.flight", loads, PartitionLoads::inFlight)
                .description("Prompts that are accepted and have not ended")
                .strongReference(true)
                .register(registry),
            Gauge.builder("millrace.partitions.paused", loads, PartitionLoads::paused)
                .description("Partitions that are not fetched now, for the prompts in flight")
                .strongReference(true)
                .register(registry),
            FunctionCounter.builder("millrace.partitions.pauses", loads, PartitionLoads::pauses)
                .description("How often fetching from a partition was stopped")
                .register(registry));
    lag =
        new PromptLag(
            Admin.create(properties),
            configuration.applicationId(),
            loads::partitions,
            prompts::tokensPerPrompt,
            registry,
            LAG_PERIOD);
  }

  /** Asks the brokers from now on. */
  public void start() {
    lag.start();
  }

  @Override
  public void close() {
    lag.close();
    kafka.close();
    loadMeters.forEach(registry::remove);
  }
}
