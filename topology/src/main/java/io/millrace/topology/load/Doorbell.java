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
   * Sleeps until the bell is rung, at most {@code nanos}, and less if the thread is interrupted.
   * Only the bell's thread may call it.
   *
   * @return whether it was rung since the last time
   */
  public boolean await(long nanos) {
    long start = System.nanoTime();
    long left = nanos;
    while (left > 0 && !rung.get() && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, left);
      left = nanos - (System.nanoTime() - start);
    }
    return rung.getAndSet(false);
  }
}
