package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThreadsTest {

  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread = Thread.ofVirtual().start(this::untilToldToEnd);

  private void untilToldToEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aThreadIsWaitedForAsLongAsThereIsHope() {
    var asked = new AtomicInteger();
    assertThat(
            Threads.joinUnless(
                () -> {
                  if (asked.incrementAndGet() == 3) {
                    end.countDown();
                  }
                  return false;
                },
                thread))
        .isTrue();
  }

  @Test
  void oneThatWillNotEndIsLeft() {
    assertThat(Threads.joinUnless(() -> true, thread)).isFalse();
    end.countDown();
  }

  @Test
  void anInterruptionIsPassedOn() {
    Thread.currentThread().interrupt();
    end.countDown();
    Threads.join(thread);
    assertThat(Thread.interrupted()).isTrue();
  }
}
