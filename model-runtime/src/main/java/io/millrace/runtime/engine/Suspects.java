package io.millrace.runtime.engine;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a step that failed, which are tried one by one to find out by whom. If by no one, it
 * was too many rows for the machine. Belongs to the engine's thread.
 */
final class Suspects {

  private final BatchLimit batchLimit;
  private final Queue<Generation> untried = new ArrayDeque<>();
  private int together;
  private boolean isFound;

  Suspects(BatchLimit batchLimit) {
    this.batchLimit = batchLimit;
  }

  void begin(List<Generation> rows) {
    together = rows.size();
    isFound = false;
    untried.addAll(rows);
  }

  /** The next to be tried alone, or null if there is none. */
  @Nullable Generation poll() {
    var next = untried.poll();
    while (next != null && next.hasEnded()) {
      // Who knows what it would have done.
      isFound = true;
      next = untried.poll();
    }
    if (next == null && together > 0) {
      if (!isFound) {
        batchLimit.failed(together);
      }
      together = 0;
    }
    return next;
  }

  /** The one polled last made its step fail. */
  void guilty() {
    isFound = true;
  }
}
