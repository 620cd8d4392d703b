package io.millrace.runtime.engine;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Drives an engine's agent on a thread of its own: works while there is work, sleeps until {@link
 * #wake} otherwise.
 */
final class EngineThread {

  /**
   * How long to sleep while requests are here but none can go on: each channel that held one back
   * wakes the thread, so this only bounds how late a deadline is seen.
   */
  private static final long STALLED_PARK_NANOS = 1_000_000;

  /** After an error in the loop itself, which would likely be thrown again at once. */
  private static final long ERROR_PARK_NANOS = 100_000_000;

  private final EngineAgent agent;
  private final Consumer<Throwable> errorHandler;
  private final Thread thread;
  private volatile boolean running = true;

  /**
   * @param errorHandler told of what the agent throws; the loop goes on
   */
  EngineThread(String name, EngineAgent agent, Consumer<Throwable> errorHandler) {
    this.agent = agent;
    this.errorHandler = errorHandler;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  /** Ends a sleep, or the next one before it starts; cheap if the thread is awake. */
  void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    while (running) {
      try {
        if (agent.doWork() == 0) {
          sleep();
        }
      } catch (RuntimeException | Error failure) {
        errorHandler.accept(failure);
        LockSupport.parkNanos(this, ERROR_PARK_NANOS);
      }
    }
  }

  private void sleep() {
    if (agent.isIdle()) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, STALLED_PARK_NANOS);
    }
  }

  /**
   * Waits for the step that is being computed: the model must not be freed under it. Idempotent.
   *
   * @param isStuck whether that step will not end
   * @return false if it has not ended
   */
  boolean close(BooleanSupplier isStuck) {
    running = false;
    wake();
    return Threads.joinUnless(isStuck, thread);
  }
}
