package io.millrace.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Stage;
import io.millrace.events.Status;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Each promise, kept and broken. */
class InvariantCheckerTest extends CheckedEvents {

  InvariantCheckerTest() {
    super(false);
  }

  private void clean() {
    var report = checker.finish();
    assertThat(report.examples()).isEmpty();
    assertThat(report.isClean()).isTrue();
  }

  private void broken(Rule rule) {
    var report = checker.finish();
    assertThat(report.violations()).as("%s", report.examples()).isEqualTo(Map.of(rule, 1L));
    assertThat(report.examples()).extracting(Violation::rule).containsExactly(rule);
    assertThat(report.text()).contains(rule.breach());
  }

  @Test
  void an_answered_prompt_is_all_right() {
    prompt("a");
    answer("a");
    var report = checker.finish();
    assertThat(report.isClean()).isTrue();
    assertThat(report.prompts()).isOne();
    assertThat(report.ends()).isEqualTo(Map.of(Status.COMPLETED, 1L));
    assertThat(report.usages()).isOne();
    assertThat(report.tokens()).isEqualTo(2);
  }

  @Test
  void topics_may_be_read_in_any_order() {
    usage("a", Status.COMPLETED, 1, 2);
    end("a", Status.COMPLETED, 1, 2, "Good day");
    token("a", 1, 0, "Good ");
    prompt("a");
    token("a", 1, 1, "day");
    clean();
  }

  @Test
  void an_id_may_be_used_again_after_its_end() {
    prompt("a");
    answer("a");
    prompt("a");
    answer("a");
    clean();
  }

  @Test
  void a_prompt_without_an_end_is_lost() {
    prompt("a");
    broken(Rule.NOT_LOST);
  }

  @Test
  void unless_it_may_still_be_answered() {
    checker = new InvariantChecker(PROMPTS, false, true, 10);
    prompt("a");
    var report = checker.finish();
    assertThat(report.isClean()).isTrue();
    assertThat(report.open()).isOne();
  }

  @Test
  void a_second_end_is_one_too_many() {
    prompt("a");
    answer("a");
    end("a", Status.COMPLETED, 1, 0, "");
    usage("a", Status.COMPLETED, 1, 0);
    broken(Rule.ENDS_ONCE);
  }

  @Test
  void an_end_of_no_prompt_is_one_too_many() {
    end("a", Status.CANCELLED, 0, 0, "");
    usage("a", Status.CANCELLED, 0, 0);
    broken(Rule.ENDS_ONCE);
  }

  @Test
  void a_rejected_prompt_has_its_letter() {
    letter("a", Stage.VALIDATE, prompt("a"));
    end("a", Status.REJECTED, 0, 0, "");
    usage("a", Status.REJECTED, 0, 0);
    clean();
  }

  @Test
  void a_rejection_without_a_letter_leaves_a_prompt_unaccounted_for() {
    prompt("a");
    end("a", Status.REJECTED, 0, 0, "");
    usage("a", Status.REJECTED, 0, 0);
    assertThat(checker.finish().violations())
        .containsOnlyKeys(Rule.NOT_LOST, Rule.REJECTION_HAS_LETTER);
  }

  @Test
  void a_duplicate_is_a_letter_and_no_end() {
    prompt("a");
    letter("a", Stage.ADMIT, prompt("a"));
    answer("a");
    clean();
  }

  @Test
  void a_record_that_is_no_prompt_has_its_letter() {
    var place = next(PROMPTS);
    checker.prompt(place, null);
    letter(null, Stage.DECODE, place);
    clean();
  }

  @Test
  void a_record_that_is_no_prompt_and_has_no_letter_is_lost() {
    checker.prompt(next(PROMPTS), null);
    broken(Rule.LETTER_FOR_UNREADABLE);
  }

  @Test
  void a_failure_has_its_letter() {
    var place = prompt("a");
    token("a", 1, 0, "Go");
    letter("a", Stage.GENERATE, place);
    end("a", Status.FAILED, 1, 1, "Go");
    usage("a", Status.FAILED, 1, 1);
    clean();
  }

  @Test
  void a_failure_without_a_letter_breaks_a_promise() {
    prompt("a");
    end("a", Status.FAILED, 1, 0, "");
    usage("a", Status.FAILED, 1, 0);
    broken(Rule.FAILURE_HAS_LETTER);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"REJECTED", "FAILED"})
  void an_end_without_usage_breaks_a_promise(Status status) {
    prompt("a");
    end("a", status, 1, 0, "");
    broken(Rule.USAGE);
  }

  @Test
  void usage_that_says_otherwise_breaks_a_promise() {
    prompt("a");
    token("a", 1, 0, "Go");
    end("a", Status.COMPLETED, 1, 1, "Go");
    usage("a", Status.COMPLETED, 1, 2);
    broken(Rule.USAGE);
  }

  @Test
  void a_missing_token_is_a_gap() {
    prompt("a");
    token("a", 1, 0, "Go");
    end("a", Status.COMPLETED, 1, 2, "Good");
    usage("a", Status.COMPLETED, 1, 2);
    broken(Rule.TOKEN_INDEXES);
  }

  @Test
  void a_repeated_token_breaks_a_promise() {
    prompt("a");
    token("a", 1, 0, "Go");
    token("a", 1, 0, "Go");
    end("a", Status.COMPLETED, 1, 1, "Go");
    usage("a", Status.COMPLETED, 1, 1);
    broken(Rule.TOKEN_INDEXES);
  }

  @Test
  void a_token_after_the_end_breaks_a_promise() {
    prompt("a");
    answer("a");
    token("a", 1, 0, "Good ");
    broken(Rule.TOKEN_INDEXES);
  }

  @Test
  void a_text_that_its_tokens_do_not_say_breaks_a_promise() {
    prompt("a");
    token("a", 1, 0, "Go");
    end("a", Status.COMPLETED, 1, 1, "Good");
    usage("a", Status.COMPLETED, 1, 1);
    broken(Rule.TEXT);
  }

  @Test
  void a_resumed_attempt_goes_on_behind_what_was_told() {
    prompt("a");
    token("a", 1, 0, "Good ");
    token("a", 1, 1, "day");
    token("a", 2, 1, "day");
    token("a", 2, 2, "!");
    end("a", Status.COMPLETED, 2, 3, "Good day!");
    usage("a", Status.COMPLETED, 2, 3);
    clean();
  }

  @Test
  void an_attempt_that_starts_over_replaces_what_was_told() {
    prompt("a");
    token("a", 1, 0, "Good ");
    token("a", 1, 1, "day");
    token("a", 2, 0, "Hello");
    end("a", Status.COMPLETED, 2, 1, "Hello");
    usage("a", Status.COMPLETED, 2, 1);
    clean();
  }

  @Test
  void conversations_are_answered_in_order() {
    prompt("a", "c");
    prompt("b", "c");
    answer("b");
    answer("a");
    broken(Rule.CONVERSATION_ORDER);
  }

  @Test
  void an_event_that_cannot_be_read_breaks_a_promise() {
    checker.unreadable(next("usage"), "not Avro");
    broken(Rule.READABLE);
  }

  @Test
  void shows_no_more_examples_than_wanted_and_counts_all() {
    for (int i = 0; i < 12; i++) {
      prompt("p" + i);
    }
    var report = checker.finish();
    assertThat(report.examples()).hasSize(10);
    assertThat(report.allViolations()).isEqualTo(12);
  }
}
