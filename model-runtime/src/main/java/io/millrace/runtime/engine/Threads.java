package io.millrace.runtime.engine;

/** Waits for threads. */
final class Threads {

  private Threads() {}

  /** Waits for a thread's end whatever happens; an interruption meanwhile is passed on after it. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException interruption) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
