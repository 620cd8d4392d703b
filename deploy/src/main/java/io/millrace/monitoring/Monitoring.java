package io.millrace.monitoring;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.topology.config.MonitoringSettings;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The registry of a process's meters and, where that is configured, the server that shows them. */
public final class Monitoring implements AutoCloseable {

  private final MeterRegistry registry;
  private final @Nullable JvmGcMetrics collections;
  private final @Nullable MonitoringServer server;

  private Monitoring(
      MeterRegistry registry,
      @Nullable JvmGcMetrics collections,
      @Nullable MonitoringServer server) {
    this.registry = registry;
    this.collections = collections;
    this.server = server;
  }

  /**
   * Starts what is configured; else meters count nothing.
   *
   * @throws IOException if the address cannot be had
   */
  public static Monitoring start(MonitoringSettings settings, Health health) throws IOException {
    if (!settings.isServed()) {
      return new Monitoring(new CompositeMeterRegistry(), null, null);
    }
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    bindMemory(registry);
    var collections = new JvmGcMetrics();
    collections.bindTo(registry);
    try {
      return new Monitoring(
          registry, collections, MonitoringServer.start(settings, registry, health));
    } catch (IOException exception) {
      collections.close();
      throw exception;
    }
  }

  /** Under the name that Prometheus' own clients give it. */
  private static void bindMemory(MeterRegistry registry) {
    if (ProcessMemory.residentBytes().isPresent()) {
      Gauge.builder("process.resident.memory", () -> ProcessMemory.residentBytes().orElse(0))
          .description("Memory that the process holds, native memory included")
          .baseUnit("bytes")
          .register(registry);
    }
  }

  /** Where meters belong. */
  public MeterRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    if (collections != null) {
      collections.close();
    }
    registry.close();
  }
}
