package io.millrace.topology.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Usage;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/**
 * Meters of prompts, counted when their terminal events and dead letters are forwarded. A
 * transaction that is aborted afterwards does not take them back: the topics are what is true.
 *
 * <p>Durations have the names and buckets of OpenTelemetry's conventions for generative AI. Safe
 * for use by several threads.
 */
public final class PromptMeters {

  /** A tenant with a longer name is counted with the others. */
  private static final int LONGEST_LABEL = 100;

  /** What tenants share that came too late to be told apart. */
  static final String OTHER_TENANTS = "other";

  private static final Duration[] BUCKETS =
      DoubleStream.iterate(10, millis -> 2 * millis)
          .limit(14)
          .mapToObj(millis -> Duration.ofMillis((long) millis))
          .toArray(Duration[]::new);

  /** Those of one tenant. */
  private record TenantMeters(
      Map<Status, Counter> ended,
      Counter promptTokens,
      Counter cachedTokens,
      Counter completionTokens,
      Counter cost) {}

  private final MeterRegistry registry;
  private final String model;
  private final int mostTenants;
  private final Timer duration;
  private final Timer timeToFirstToken;
  private final Timer timePerOutputToken;
  private final Timer queue;
  private final Map<String, TenantMeters> tenants = new ConcurrentHashMap<>();
  private final TokenEstimate estimate = new TokenEstimate();

  /**
   * @param model name of the one that answers
   * @param mostTenants that are told apart; the others are counted together
   */
  public PromptMeters(MeterRegistry registry, String model, int mostTenants) {
    this.registry = registry;
    this.model = model;
    this.mostTenants = mostTenants;
    duration = timer("gen_ai.server.request.duration", "From acceptance to the terminal event");
    timeToFirstToken =
        timer("gen_ai.server.time_to_first_token", "From acceptance to the first token");
    timePerOutputToken =
        timer(
            "gen_ai.server.time_per_output_token",
            "Time of decoding, by the tokens after the first");
    queue = timer("millrace.request.queue", "From acceptance to the begin of the computation");
    // So that rates have a beginning, also before there is a first prompt.
    tenant("");
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .tags("gen_ai.request.model", model)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** A prompt has ended, of whatever status. */
  public void ended(Usage usage) {
    var meters = tenant(Objects.toString(usage.getTenant(), ""));
    Objects.requireNonNull(meters.ended().get(usage.getStatus())).increment();
    if (usage.getStatus() == Status.REJECTED) {
      return;
    }
    estimate.add(usage.getPromptTokens() + usage.getCompletionTokens());
    meters.promptTokens().increment(usage.getPromptTokens());
    meters.cachedTokens().increment(usage.getCachedTokens());
    meters.completionTokens().increment(usage.getCompletionTokens());
    meters.cost().increment((double) usage.getCostMicros());
    duration.record(usage.getTotalMicros(), TimeUnit.MICROSECONDS);
    queue.record(usage.getQueueMicros(), TimeUnit.MICROSECONDS);
    var firstToken = usage.getTimeToFirstTokenMicros();
    if (firstToken != null) {
      timeToFirstToken.record(firstToken, TimeUnit.MICROSECONDS);
    }
    if (usage.getCompletionTokens() > 1) {
      timePerOutputToken.record(
          usage.getDecodeMicros() * 1_000 / (usage.getCompletionTokens() - 1),
          TimeUnit.NANOSECONDS);
    }
  }

  /** As {@link TokenEstimate#perPrompt}. */
  public double tokensPerPrompt() {
    return estimate.perPrompt();
  }

  /** A record became a dead letter. Codes are few and fixed. */
  public void deadLetter(Stage stage, String code) {
    Counter.builder("millrace.errors")
        .description("Dead letters")
        .tags("stage", lowerCase(stage), "code", code)
        .register(registry)
        .increment();
  }

  /** Two tenants that come at once may both get in, so there may be one or two more than said. */
  private TenantMeters tenant(String name) {
    var known = tenants.get(name);
    if (known != null) {
      return known;
    }
    boolean isOwn =
        name.isEmpty() || (name.length() <= LONGEST_LABEL && tenants.size() <= mostTenants);
    return tenants.computeIfAbsent(isOwn ? name : OTHER_TENANTS, this::metersOf);
  }

  private TenantMeters metersOf(String tenant) {
    var tags = Tags.of("model", model, "tenant", tenant);
    Map<Status, Counter> ended = new ConcurrentHashMap<>();
    for (var status : Status.values()) {
      ended.put(
          status,
          Counter.builder("millrace.requests")
              .description("Prompts by how they ended")
              .tags(tags.and("status", lowerCase(status)))
              .register(registry));
    }
    return new TenantMeters(
        ended,
        tokens(tags, "prompt"),
        tokens(tags, "cached"),
        tokens(tags, "completion"),
        Counter.builder("millrace.cost.micros")
            .description("Cost in millionths of the unit that prices are in")
            .tags(tags)
            .register(registry));
  }

  private Counter tokens(Tags tags, String kind) {
    return Counter.builder("millrace.request.tokens")
        .description("Tokens of prompts that have ended; cached ones are among those of prompts")
        .tags(tags.and("kind", kind))
        .register(registry);
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
