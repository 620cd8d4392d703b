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
import java.util.function.LongSupplier;

/**
 * The meters of one engine, each tagged with its model and the number of its device. Written by the
 * engine's thread, read by any.
 */
public final class EngineMeters implements AutoCloseable {

  private static final String OUTCOMES = "millrace.engine.requests";
  private static final String FAILURES = "millrace.engine.step.failures";
  private static final List<String> PHASES = List.of("prefill", "decode", "draft");
  private static final List<String> KINDS_OF_END =
      List.of("completed", "failed", "expired", "cancelled");

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
    // So that they are there, and zero, before the first of them.
    PHASES.forEach(this::failures);
    KINDS_OF_END.forEach(this::outcomes);
  }

  private Counter failures(String phase) {
    return Counter.builder(FAILURES)
        .description("Steps of the model that failed")
        .tags(tags.and("phase", phase))
        .register(registry);
  }

  private Counter outcomes(String outcome) {
    return Counter.builder(OUTCOMES)
        .description("Requests by how the engine ended them")
        .tags(tags.and("outcome", outcome))
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
    gauge("millrace.engine.running", "Requests that have a slot", tags, running::getAsInt);
    gauge("millrace.engine.waiting", "Requests that wait for a slot", tags, waiting::getAsInt);
  }

  /** Shows how many requests can run at once. */
  public void slots(int slots) {
    gauge("millrace.engine.slots", "Requests that can run at once", tags, () -> slots);
  }

  /**
   * Shows what a part of the memory may come to take.
   *
   * @param part such as {@code weights}
   */
  public void memory(String part, long bytes) {
    gauge(
        "millrace.engine.memory.bytes",
        "Memory that is set apart, filled or not",
        tags.and("part", part),
        () -> bytes);
  }

  private void gauge(String name, String description, Tags gaugeTags, LongSupplier value) {
    gauges.add(
        Gauge.builder(name, value, LongSupplier::getAsLong)
            .description(description)
            .tags(gaugeTags)
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
    failures(phase).increment();
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
    outcomes(outcome).increment();
  }

  /** Removes the gauges; what was counted stays. */
  @Override
  public void close() {
    gauges.forEach(registry::remove);
    gauges.clear();
  }
}
