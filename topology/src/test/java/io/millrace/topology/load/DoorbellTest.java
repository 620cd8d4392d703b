package io.millrace.topology.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

@Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
class DoorbellTest {

  private static final long LONG = TimeUnit.HOURS.toNanos(1);
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(20);

  @Test
  void aRingBeforeTheSleepEndsItAtOnce() {
    var bell = Doorbell.ofThisThread();
    bell.ring();
    assertThat(bell.await(0, LONG)).isTrue();
  }

  @Test
  void aRingIsForgottenOnceItIsHeard() {
    var bell = Doorbell.ofThisThread();
    bell.ring();
    bell.await(0, LONG);
    assertThat(bell.await(0, SHORT)).isFalse();
  }

  @Test
  void aRingFromAnotherThreadEndsTheSleep() {
    var bell = Doorbell.ofThisThread();
    var sleeper = Thread.currentThread();
    Thread.ofPlatform()
        .start(
            () -> {
              while (sleeper.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
              }
              bell.ring();
            });
    assertThat(bell.await(0, LONG)).isTrue();
  }

  @Test
  void aRingDoesNotEndTheLeastOfTheSleep() {
    var bell = Doorbell.ofThisThread();
    bell.ring();
    long start = System.nanoTime();
    assertThat(bell.await(SHORT, LONG)).isTrue();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT);
  }

  @Test
  void anInterruptionEndsTheSleepAndStays() {
    var bell = Doorbell.ofThisThread();
    Thread.currentThread().interrupt();
    assertThat(bell.await(0, LONG)).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }
}
