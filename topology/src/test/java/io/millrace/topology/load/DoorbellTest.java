package io.millrace.topology.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DoorbellTest {

  private static final long LONG = TimeUnit.HOURS.toNanos(1);

  private final Doorbell bell = Doorbell.ofThisThread();

  @Test
  @Timeout(10)
  void aRingBeforeTheSleepEndsItAtOnce() {
    bell.ring();
    assertThat(bell.await(LONG)).isTrue();
  }

  @Test
  void aRingIsForgottenOnceItIsHeard() {
    bell.ring();
    bell.await(0);
    assertThat(bell.await(1)).isFalse();
  }

  @Test
  @Timeout(10)
  void aRingFromAnotherThreadEndsTheSleep() {
    var sleeper = Thread.currentThread();
    Thread.ofPlatform()
        .start(
            () -> {
              while (sleeper.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
              }
              bell.ring();
            });
    assertThat(bell.await(LONG)).isTrue();
  }

  @Test
  @Timeout(10)
  void anInterruptionEndsTheSleepAndStays() {
    Thread.currentThread().interrupt();
    assertThat(bell.await(LONG)).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }
}
