package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WallClockTest {

  private Duration wall = Duration.ofDays(20_000);
  private Duration monotonic = Duration.ofHours(3);
  private final WallClock clock = new WallClock(() -> wall.toMillis(), () -> monotonic.toNanos());

  private void pass(Duration time) {
    wall = wall.plus(time);
    monotonic = monotonic.plus(time);
  }

  @Test
  void timeThatPassesIsNothing() {
    pass(Duration.ofDays(3));
    assertThat(clock.setBack()).isZero();
  }

  @Test
  void aClockThatIsSetBackIsNoticedOnceHoweverMuchTimePassedSince() {
    wall = wall.minusSeconds(60);
    pass(Duration.ofMinutes(10));
    assertThat(clock.setBack()).isEqualTo(Duration.ofSeconds(60));
    assertThat(clock.setBack()).isZero();
  }

  @Test
  void aClockThatIsSetForwardIsNotButPuttingItRightIs() {
    wall = wall.plusSeconds(3_600);
    assertThat(clock.setBack()).isZero();
    wall = wall.minusSeconds(3_600);
    assertThat(clock.setBack()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void smallCorrectionsAreNothingEvenIfThereAreMany() {
    for (int i = 0; i < 100; i++) {
      wall = wall.minusSeconds(1);
      assertThat(clock.setBack()).isZero();
    }
  }
}
