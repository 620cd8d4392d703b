package io.millrace.topology.clients;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    assertThatCode(clock::check).doesNotThrowAnyException();
  }

  @Test
  void aClockThatIsSetBackIsNoticedHoweverMuchTimePassedSince() {
    wall = wall.minusSeconds(60);
    pass(Duration.ofMinutes(10));
    assertThatThrownBy(clock::check)
        .isInstanceOf(ClockSetBackException.class)
        .hasMessageContaining("set back by 60 s");
  }

  @Test
  void aClockThatIsSetForwardIsNot() {
    wall = wall.plusSeconds(3_600);
    assertThatCode(clock::check).doesNotThrowAnyException();
  }

  @Test
  void butPuttingItRightIs() {
    wall = wall.plusSeconds(3_600);
    clock.check();
    wall = wall.minusSeconds(3_600);
    assertThatThrownBy(clock::check).isInstanceOf(ClockSetBackException.class);
  }

  @Test
  void smallCorrectionsAreNothingEvenIfThereAreMany() {
    for (int i = 0; i < 100; i++) {
      wall = wall.minusSeconds(1);
      assertThatCode(clock::check).doesNotThrowAnyException();
    }
  }
}
