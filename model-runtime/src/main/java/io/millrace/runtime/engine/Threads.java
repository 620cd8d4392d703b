package io.millrace.runtime.engine;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for threads. */
final class Threads {

  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private Threads() {}

  /** Waits for a thread's end whatever happens; an interruption meanwhile is passed on after it. */
  static void join(Thread thread) {
    var _ = joinUnless(() -> false, thread);
  }

  /**
   * As {@link #join}, unless it is known meanwhile that the thread will not end.
   *
   * @return whether it has ended
   */
  static boolean joinUnless(BooleanSupplier isHopeless, Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive() && !isHopeless.getAsBoolean()) {
      try {
        var _ = thread.join(LOOK_EVERY);
      } catch (InterruptedException interruption) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
