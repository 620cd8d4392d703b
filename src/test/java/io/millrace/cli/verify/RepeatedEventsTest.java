package io.millrace.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Status;
import org.junit.jupiter.api.Test;

/** What may be repeated, as under at_least_once, and what may not even then. */
class RepeatedEventsTest extends CheckedEvents {

  RepeatedEventsTest() {
    super(true);
  }

  @Test
  void the_same_end_twice_is_no_violation() {
    prompt("a");
    answer("a");
    answer("a");
    prompt("b");
    token("b", 1, 0, "Go");
    token("b", 1, 0, "Go");
    end("b", Status.COMPLETED, 1, 1, "Go");
    end("b", Status.COMPLETED, 1, 1, "Go");
    usage("b", Status.COMPLETED, 1, 1);
    var report = checker.finish();
    assertThat(report.examples()).isEmpty();
    assertThat(report.repeats()).isEqualTo(6);
  }

  @Test
  void usage_may_be_that_of_the_next_attempt() {
    prompt("a");
    token("a", 1, 0, "Go");
    end("a", Status.COMPLETED, 1, 1, "Go");
    token("a", 2, 0, "Go");
    end("a", Status.COMPLETED, 2, 1, "Go");
    usage("a", Status.COMPLETED, 2, 1);
    assertThat(checker.finish().examples()).isEmpty();
  }

  @Test
  void a_gap_may_be_filled() {
    prompt("a");
    token("a", 1, 0, "G");
    token("a", 1, 2, "d");
    token("a", 1, 0, "G");
    token("a", 1, 1, "oo");
    token("a", 1, 2, "d");
    end("a", Status.COMPLETED, 1, 3, "Good");
    usage("a", Status.COMPLETED, 1, 3);
    assertThat(checker.finish().examples()).isEmpty();
  }

  @Test
  void a_gap_that_stays_is_a_violation() {
    prompt("a");
    token("a", 1, 0, "G");
    token("a", 1, 2, "d");
    end("a", Status.COMPLETED, 1, 3, "Good");
    usage("a", Status.COMPLETED, 1, 3);
    assertThat(checker.finish().violations()).containsKey(Rule.TOKEN_INDEXES);
  }

  @Test
  void so_is_one_behind_the_tokens_that_count() {
    prompt("a");
    token("a", 1, 0, "G");
    token("a", 1, 2, "d");
    end("a", Status.CANCELLED, 1, 0, "");
    usage("a", Status.CANCELLED, 1, 0);
    assertThat(checker.finish().violations()).containsKey(Rule.TOKEN_INDEXES);
  }

  @Test
  void another_end_is_a_violation() {
    prompt("a");
    answer("a");
    end("a", Status.COMPLETED, 1, 2, "Bad day");
    assertThat(checker.finish().violations()).containsKey(Rule.ENDS_ONCE);
  }
}
