package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.engine.EngineEvent.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventQueueTest {

  private static Token token(int index) {
    return new Token("r", 1, index, 0, "", false, null, List.of());
  }

  @Test
  void givesBackInOrderAndRefusesWhenFull() {
    var queue = new EventQueue(2);
    assertThat(queue.poll()).isNull();
    assertThat(queue.offer(token(0))).isTrue();
    assertThat(queue.offer(token(1))).isTrue();
    assertThat(queue.offer(token(2))).isFalse();
    assertThat(queue.poll()).isEqualTo(token(0));
    assertThat(queue.offer(token(2))).isTrue();
    assertThat(queue.poll()).isEqualTo(token(1));
    assertThat(queue.poll()).isEqualTo(token(2));
    assertThat(queue.poll()).isNull();
  }

  @Test
  void losesNothingBetweenTwoThreads() throws InterruptedException {
    var queue = new EventQueue(3);
    int count = 100_000;
    var producer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int index = 0; index < count; ) {
                    if (queue.offer(token(index))) {
                      index++;
                    } else {
                      Thread.onSpinWait();
                    }
                  }
                });
    List<Integer> seen = new ArrayList<>();
    while (seen.size() < count) {
      if (queue.poll() instanceof Token token) {
        seen.add(token.index());
      }
    }
    producer.join();
    assertThat(seen).isEqualTo(IntStream.range(0, count).boxed().toList());
  }
}
