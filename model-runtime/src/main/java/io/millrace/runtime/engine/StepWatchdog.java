package io.millrace.runtime.engine;

import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.session.Decoder;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a step of the model that hangs, and stops it: it fails with {@link StepStoppedException}.
 *
 * <p>{@link #watch} is for the engine's thread; a thread of its own, if {@link #start started}, or
 * a test does {@link #check}. The lock keeps a check from stopping the step after the one it saw.
 */
final class StepWatchdog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StepWatchdog.class);

  private final Decoder decoder;
  private final Duration limit;
  private final LongSupplier clock;
  private final EngineMeters meters;
  private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);
  private final Object lock = new Object();

  /** Guarded by the lock. */
  private boolean running;

  /** Whether the step was told to stop. Guarded by the lock. */
  private boolean stopped;

  /** Guarded by the lock. */
  private long startedNanos;

  StepWatchdog(Decoder decoder, Duration limit, LongSupplier clock, EngineMeters meters) {
    this.decoder = decoder;
    this.limit = limit;
    this.clock = clock;
    this.meters = meters;
  }

  /** Checks from now on, so often that a step runs little longer than it may. */
  void start(String name) {
    thread.setName(name);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(limit.dividedBy(8));
        check();
      }
    } catch (InterruptedException closed) {
      // The end of the thread.
    }
  }

  void watch(Runnable step) {
    synchronized (lock) {
      startedNanos = clock.getAsLong();
      running = true;
      stopped = false;
    }
    try {
      step.run();
    } catch (RuntimeException failure) {
      if (wasStopped()) {
        throw new StepStoppedException(limit, failure);
      }
      throw failure;
    } finally {
      synchronized (lock) {
        running = false;
      }
    }
  }

  private boolean wasStopped() {
    synchronized (lock) {
      return stopped;
    }
  }

  /** Whether a step was told to stop and has still not ended after as long as it may take. */
  boolean isStuck() {
    synchronized (lock) {
      return running && clock.getAsLong() - startedNanos > 2 * limit.toNanos();
    }
  }

  /** Stops the step if it has run for too long; asked again, again. */
  void check() {
    boolean hangs;
    synchronized (lock) {
      hangs = running && clock.getAsLong() - startedNanos > limit.toNanos();
      if (hangs) {
        stopped = true;
        decoder.interrupt();
      }
    }
    if (hangs) {
      meters.hung();
      LOG.error("A step of the model has not ended within {}; it was told to stop", limit);
    }
  }

  /** Waits for a check that is being done: the decoder may be closed after this. */
  @Override
  public void close() {
    thread.interrupt();
    Threads.join(thread);
  }
}
