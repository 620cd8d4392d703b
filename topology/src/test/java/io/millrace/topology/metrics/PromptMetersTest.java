package io.millrace.topology.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Usage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PromptMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PromptMeters meters = new PromptMeters(registry, "m", 2);

  private static Usage usage(@Nullable String tenant, Status status) {
    return Usage.newBuilder()
        .setRequestId("r")
        .setTenant(tenant)
        .setStatus(status)
        .setAttempt(1)
        .setPromptTokens(10)
        .setCachedTokens(4)
        .setCompletionTokens(3)
        .setQueueMicros(1_000)
        .setPrefillMicros(2_000)
        .setDecodeMicros(6_000)
        .setTimeToFirstTokenMicros(3_000L)
        .setTotalMicros(9_000)
        .setCostMicros(7)
        .build();
  }

  private double requests(String tenant, String status) {
    return registry
        .get("millrace.requests")
        .tags("model", "m", "tenant", tenant, "status", status)
        .counter()
        .count();
  }

  private double millis(String name) {
    return registry.get(name).timer().mean(TimeUnit.MILLISECONDS);
  }

  @Test
  void anEndIsCountedWithItsTokensCostAndTimes() {
    meters.ended(usage("acme", Status.COMPLETED));
    assertThat(requests("acme", "completed")).isOne();
    var tokens = registry.get("millrace.request.tokens").tag("tenant", "acme");
    assertThat(tokens.tag("kind", "completion").counter().count()).isEqualTo(3);
    assertThat(registry.get("millrace.cost.micros").tag("tenant", "acme").counter().count())
        .isEqualTo(7);
    assertThat(millis("gen_ai.server.request.duration")).isEqualTo(9);
    assertThat(millis("gen_ai.server.time_to_first_token")).isEqualTo(3);
    assertThat(millis("gen_ai.server.time_per_output_token")).isEqualTo(3);
    assertThat(millis("millrace.request.queue")).isEqualTo(1);
  }

  @Test
  void promptsAreExpectedToBeLikeThoseThatEndedLately() {
    assertThat(meters.tokensPerPrompt()).isNaN();
    meters.ended(usage(null, Status.REJECTED));
    assertThat(meters.tokensPerPrompt()).isNaN();
    meters.ended(usage(null, Status.COMPLETED));
    assertThat(meters.tokensPerPrompt()).isEqualTo(13);
    var longer = usage(null, Status.COMPLETED);
    longer.setCompletionTokens(13);
    meters.ended(longer);
    assertThat(meters.tokensPerPrompt()).isEqualTo(18);
    for (int i = 0; i < 5_000; i++) {
      meters.ended(longer);
    }
    assertThat(meters.tokensPerPrompt()).isBetween(22.9, 23.0);
  }

  @Test
  void whatWasRejectedHasNoDuration() {
    meters.ended(usage(null, Status.REJECTED));
    assertThat(requests("", "rejected")).isOne();
    assertThat(registry.get("gen_ai.server.request.duration").timer().count()).isZero();
  }

  @Test
  void tenantsBeyondTheMostAreCountedTogether() {
    for (var tenant : new String[] {"a", "b", "c", "d", "a"}) {
      meters.ended(usage(tenant, Status.COMPLETED));
    }
    assertThat(requests("a", "completed")).isEqualTo(2);
    assertThat(requests("b", "completed")).isOne();
    assertThat(requests(PromptMeters.OTHER_TENANTS, "completed")).isEqualTo(2);
  }

  @Test
  void aTenantWithAnEndlessNameIsCountedWithTheOthers() {
    meters.ended(usage("a".repeat(10_000), Status.COMPLETED));
    assertThat(requests(PromptMeters.OTHER_TENANTS, "completed")).isOne();
  }

  @Test
  void deadLettersAreCountedByStageAndCode() {
    meters.deadLetter(Stage.DECODE, "undecodable");
    assertThat(
            registry
                .get("millrace.errors")
                .tags("stage", "decode", "code", "undecodable")
                .counter()
                .count())
        .isOne();
  }
}
