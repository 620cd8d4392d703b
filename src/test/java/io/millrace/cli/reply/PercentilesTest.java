package io.millrace.cli.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {

  @Test
  void takes_the_nearest_rank_whatever_the_order() {
    var percentiles =
        new Percentiles(LongStream.rangeClosed(1, 200).map(n -> 201 - n).boxed().toList());

    assertThat(percentiles.at(50)).isEqualTo(Duration.ofNanos(100));
    assertThat(percentiles.at(99)).isEqualTo(Duration.ofNanos(198));
    assertThat(percentiles.at(100)).isEqualTo(Duration.ofNanos(200));
    assertThat(percentiles.at(0.1)).isEqualTo(Duration.ofNanos(1));
  }

  @Test
  void says_a_single_value_for_all() {
    var percentiles = new Percentiles(List.of(7L));

    assertThat(percentiles.at(1)).isEqualTo(percentiles.at(99)).isEqualTo(Duration.ofNanos(7));
  }

  @Test
  void is_zero_over_nothing() {
    assertThat(new Percentiles(List.of()).at(50)).isZero();
  }

  @Test
  void counts_milliseconds_to_the_microsecond() {
    assertThat(new Percentiles(List.of(1_234_567L)).millisAt(50)).isEqualTo(1.235);
  }

  @Test
  void knows_no_percentile_outside_its_range() {
    var percentiles = new Percentiles(List.of(7L));

    assertThatThrownBy(() -> percentiles.at(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> percentiles.at(101)).isInstanceOf(IllegalArgumentException.class);
  }
}
