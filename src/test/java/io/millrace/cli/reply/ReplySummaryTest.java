package io.millrace.cli.reply;

import static io.millrace.cli.reply.Events.completion;
import static io.millrace.cli.reply.Events.prompt;
import static io.millrace.cli.reply.Events.token;
import static io.millrace.cli.reply.Events.usage;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReplySummaryTest {

  private final Reply first = new Reply(prompt("a", "?"), millis(100));
  private final Reply second = new Reply(prompt("b", "?"), millis(200));

  ReplySummaryTest() {
    first.accept(token("a", 1, 0, "x", 130));
    first.accept(token("a", 1, 1, "y", 140));
    first.accept(token("a", 1, 2, "z", 160));
    first.accept(completion("a", Status.COMPLETED, "xyz", 300));
    first.accept(usage("a", 3, 2.0, 4));
    second.accept(token("b", 1, 0, "x", 220));
    second.accept(completion("b", Status.FAILED, "x", 1100));
    second.accept(usage("b", 1, 1.0, 1));
  }

  @Test
  void measures_the_first_token_from_when_the_prompt_was_sent() {
    var summary = ReplySummary.of(List.of(first, second));

    assertThat(summary.firstToken().at(50)).isEqualTo(Duration.ofMillis(20));
    assertThat(summary.firstToken().at(100)).isEqualTo(Duration.ofMillis(30));
  }

  @Test
  void measures_between_tokens_of_the_same_reply_only() {
    var summary = ReplySummary.of(List.of(first, second));

    assertThat(summary.betweenTokens().count()).isEqualTo(2);
    assertThat(summary.betweenTokens().at(100)).isEqualTo(Duration.ofMillis(20));
  }

  @Test
  void divides_the_time_of_a_reply_among_its_tokens() {
    var summary = ReplySummary.of(List.of(first, second));

    assertThat(summary.perToken().count()).isEqualTo(1);
    assertThat(summary.perToken().at(50)).isEqualTo(Duration.ofMillis(15));
  }

  @Test
  void counts_the_rate_from_the_first_prompt_to_the_last_completion() {
    var summary = ReplySummary.of(List.of(first, second));

    assertThat(summary.tokens()).isEqualTo(4);
    assertThat(summary.span()).isEqualTo(Duration.ofSeconds(1));
    assertThat(summary.tokensPerSecond()).isEqualTo(4);
  }

  @Test
  void adds_up_cost_and_weighs_batch_sizes_by_tokens() {
    var summary = ReplySummary.of(List.of(first, second));

    assertThat(summary.costMicros()).isEqualTo(22);
    assertThat(summary.batchSizeMean()).isEqualTo((3 * 2.0 + 1 * 1.0) / 4);
    assertThat(summary.batchSizes()).isEqualTo(Map.of(1, 1, 4, 1));
  }

  @Test
  void is_complete_only_with_a_completion_and_a_usage_record_for_each_prompt() {
    var unanswered = new Reply(prompt("c", "?"), millis(100));

    assertThat(ReplySummary.of(List.of(first)).isComplete()).isTrue();
    assertThat(ReplySummary.of(List.of(first, unanswered)).isComplete()).isFalse();
    unanswered.accept(completion("c", Status.COMPLETED, "", 400));
    assertThat(ReplySummary.of(List.of(first, unanswered)).isComplete()).isFalse();
    unanswered.accept(usage("c", 0, 1.0, 1));
    assertThat(ReplySummary.of(List.of(first, unanswered)).isComplete()).isTrue();
  }

  @Test
  void a_failed_prompt_has_ended_and_is_no_completion() {
    var summary = ReplySummary.of(List.of(first, second));

    assertThat(summary.ended()).isEqualTo(2);
    assertThat(summary.completed()).isEqualTo(1);
    assertThat(summary.isComplete()).isFalse();
  }

  @Test
  void is_all_zeros_over_nothing() {
    var summary = ReplySummary.of(List.of(new Reply(prompt("c", "?"), 0)));

    assertThat(summary.span()).isZero();
    assertThat(summary.tokensPerSecond()).isZero();
    assertThat(summary.batchSizeMean()).isZero();
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
