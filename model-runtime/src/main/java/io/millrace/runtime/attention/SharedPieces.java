package io.millrace.runtime.attention;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Pieces of work that threads share: each takes the next one until none is left, and goes on when
 * all are done. However few threads come, and whenever, all of the work is done, since only pieces
 * that a running thread has taken are waited for.
 */
final class SharedPieces {

  private final int count;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();

  SharedPieces(int count) {
    this.count = count;
  }

  /** Does what is left. The wait for others is short, as their pieces are, and so a spin. */
  void workOn(IntConsumer piece) {
    for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
      try {
        piece.accept(number);
      } finally {
        done.incrementAndGet();
      }
    }
    while (done.get() < count) {
      Thread.onSpinWait();
    }
  }
}
