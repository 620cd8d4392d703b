package io.millrace.runtime.engine;

import io.millrace.batching.IterationScheduler;
import io.millrace.runtime.session.Decoder;
import java.util.List;
import java.util.function.Predicate;

/**
 * The generations that have a slot. A slot of the KV cache is a place among them: what moves in one
 * moves in the other. Belongs to the engine's thread.
 */
final class Rows {

  private final IterationScheduler<Generation> scheduler;
  private final Decoder decoder;

  Rows(IterationScheduler<Generation> scheduler, Decoder decoder) {
    this.scheduler = scheduler;
    this.decoder = decoder;
  }

  /** By row; a live view. */
  List<Generation> running() {
    return scheduler.running();
  }

  /** Where a generation is that has a slot. */
  int of(Generation generation) {
    return running().indexOf(generation);
  }

  /** Frees the slot of one that has ended; the last row moves into the gap. */
  void retire(int row) {
    int last = running().size() - 1;
    scheduler
        .retire(row, running().get(row).usage().completionTokens())
        .ifPresent(move -> decoder.moveRow(move.from(), move.to()));
    decoder.release(last);
  }

  /** Exchanges rows until those that fit come first; returns how many they are. */
  int bringToFront(Predicate<Generation> fits) {
    var running = running();
    int front = 0;
    int back = running.size() - 1;
    while (true) {
      while (front <= back && fits.test(running.get(front))) {
        front++;
      }
      while (front < back && !fits.test(running.get(back))) {
        back--;
      }
      if (front >= back) {
        return front;
      }
      scheduler.swap(front, back);
      decoder.swapRows(front, back);
    }
  }
}
