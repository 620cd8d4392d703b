package io.millrace.topology.load;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the sleep of a stream thread when the engine has something for it.
 *
 * <p>A stream thread has one, which its processors hand to the engine and its consumer sleeps on.
 */
public final class Doorbell {

  private static final ThreadLocal<Doorbell> OF_THREAD =
      ThreadLocal.withInitial(() -> new Doorbell(Thread.currentThread()));

  private final Thread sleeper;
  private final AtomicBoolean rung = new AtomicBoolean();

  private Doorbell(Thread sleeper) {
    this.sleeper = sleeper;
  }

  /** The bell of the calling thread. */
  public static Doorbell ofThisThread() {
    return OF_THREAD.get();
  }

  /** Ends a sleep, or the next one before it begins. From any thread; never blocks. */
  public void ring() {
    if (!rung.getAndSet(true)) {
      LockSupport.unpark(sleeper);
    }
  }

  /**
   * Sleeps until the bell is rung, but not less than {@code leastNanos} and not more than {@code
   * mostNanos}; an interruption of the thread ends it. Only the bell's thread may call it.
   *
   * @return whether the bell was rung since the last time
   */
  public boolean await(long leastNanos, long mostNanos) {
    long start = System.nanoTime();
    for (long left = left(leastNanos, mostNanos, start);
        left > 0 && !Thread.currentThread().isInterrupted();
        left = left(leastNanos, mostNanos, start)) {
      LockSupport.parkNanos(this, left);
    }
    return rung.getAndSet(false);
  }

  private long left(long leastNanos, long mostNanos, long start) {
    long wanted = rung.get() ? Math.min(leastNanos, mostNanos) : mostNanos;
    return wanted - (System.nanoTime() - start);
  }
}
