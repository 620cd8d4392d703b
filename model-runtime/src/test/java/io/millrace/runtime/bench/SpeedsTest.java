package io.millrace.runtime.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SpeedsTest {

  private static final long SECOND = 1_000_000_000;

  @Test
  void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
    assertThat(speeds(30, 10, 20).median()).isEqualTo(20);
    assertThat(speeds(40, 10, 20, 30).median()).isEqualTo(25);
  }

  @Test
  void whatSlowsBothOfAPairCancels() {
    var steady = speeds(100, 20, 100, 20, 30);
    var twiceAsFast = speeds(200, 40, 200, 40, 60);
    assertThat(twiceAsFast.medianRatioTo(steady)).isEqualTo(2);
    // Slow in other turns than the other: the ratio of the medians would be 3.
    assertThat(speeds(90, 90, 30).medianRatioTo(speeds(30, 90, 30)))
        .isEqualTo(1, Offset.offset(1e-9));
  }

  @Test
  void onlyWhatWasMeasuredInTurnsIsCompared() {
    var once = speeds(1);
    var twice = speeds(1, 1);
    assertThatThrownBy(() -> once.medianRatioTo(twice))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Speeds speeds(int... tokensPerSecond) {
    var speeds = new Speeds();
    for (int tokens : tokensPerSecond) {
      speeds.add(tokens, SECOND);
    }
    return speeds;
  }
}
