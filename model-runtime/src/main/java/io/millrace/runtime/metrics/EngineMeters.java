package io.millrace.runtime.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The meters of one engine, each tagged with its model and the number of its device. Written by the
 * engine's thread, read by any.
 */
public final class EngineMeters implements AutoCloseable {

  private static final String OUTCOMES = "millrace.engine.requests";
  private static final String FAILURES = "millrace.engine.step.failures";

  private final MeterRegistry registry;
  private final Tags tags;
  private final Timer prefillSteps;
  private final Timer decodeSteps;
  private final DistributionSummary batchSizes;
  private final Counter promptTokens;
  private final Counter cachedTokens;
  private final Counter completionTokens;
  private final Counter acceptedDrafts;
  private final Counter rejectedDrafts;
  private final Counter hungSteps;
  private final List<Meter> gauges = new ArrayList<>();

  /**
   * @param device number of the GPU; 0 on the CPU
   */
  public EngineMeters(MeterRegistry registry, String model, int device) {
    this.registry = registry;
    this.tags = Tags.of("model", model, "device", Integer.toString(device));
    prefillSteps = step("prefill");
    decodeSteps = step("decode");
    batchSizes =
        DistributionSummary.builder("millrace.engine.batch.size")
            .description("Rows decoded together in one step")
            .tags(tags)
            .register(registry);
    promptTokens = tokens("prompt");
    cachedTokens = tokens("cached");
    completionTokens = tokens("completion");
    acceptedDrafts = drafts("accepted");
    rejectedDrafts = drafts("rejected");
    hungSteps =
        Counter.builder("millrace.engine.step.hung")
            .description("Steps of the model that did not end in time and were stopped")
            .tags(tags)
            .register(registry);
  }

  private Timer step(String phase) {
    return Timer.builder("millrace.engine.step")
        .description("Time of one step of the model")
        .tags(tags.and("phase", phase))
        .register(registry);
  }

  private Counter tokens(String kind) {
    return Counter.builder("millrace.engine.tokens")
        .description("Tokens computed, and prompt tokens taken from the prefix cache")
        .tags(tags.and("kind", kind))
        .register(registry);
  }

  private Counter drafts(String outcome) {
    return Counter.builder("millrace.engine.drafts")
        .description("Drafted tokens that a step verified")
        .tags(tags.and("outcome", outcome))
        .register(registry);
  }

  /** Shows how many requests run and wait, for as long as these meters are open. */
  public void observe(IntSupplier running, IntSupplier waiting) {
    gauge("millrace.engine.running", "Requests that have a slot", running);
    gauge("millrace.engine.waiting", "Requests that wait for a slot", waiting);
  }

  private void gauge(String name, String description, IntSupplier value) {
    gauges.add(
        Gauge.builder(name, value, IntSupplier::getAsInt)
            .description(description)
            .tags(tags)
            .strongReference(true)
            .register(registry));
  }

  public void prefilled(int tokens, long nanos) {
    prefillSteps.record(nanos, TimeUnit.NANOSECONDS);
    promptTokens.increment(tokens);
  }

  /** Prompt tokens that came from the prefix cache. */
  public void cached(int tokens) {
    cachedTokens.increment(tokens);
  }

  public void decoded(int rows, long nanos) {
    decodeSteps.record(nanos, TimeUnit.NANOSECONDS);
    batchSizes.record(rows);
  }

  /**
   * A step failed.
   *
   * @param phase prefill or decode
   */
  public void failed(String phase) {
    registry.counter(FAILURES, tags.and("phase", phase)).increment();
  }

  /** A step was stopped because it did not end; may be called by any thread. */
  public void hung() {
    hungSteps.increment();
  }

  /** Drafted tokens were verified. */
  public void verified(int accepted, int rejected) {
    acceptedDrafts.increment(accepted);
    rejectedDrafts.increment(rejected);
  }

  public void generated() {
    completionTokens.increment();
  }

  /**
   * @param outcome the kind of terminal event, lower case
   */
  public void ended(String outcome) {
    registry.counter(OUTCOMES, tags.and("outcome", outcome)).increment();
  }

  /** Removes the gauges; what was counted stays. */
  @Override
  public void close() {
    gauges.forEach(registry::remove);
    gauges.clear();
  }
}
