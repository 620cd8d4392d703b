package io.millrace.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Lets a command that serves until it is stopped clean up after SIGTERM or Ctrl-C.
 *
 * <p>The JVM ends as soon as its shutdown hooks have run, whatever the main thread is doing; the
 * hook here therefore waits until {@link #close()}. Open it first, so that it is closed last. A JVM
 * that ends by a signal has an exit code that says so, unless {@link #endWith} gives another.
 */
final class StopSignal implements AutoCloseable {

  /**
   * Longer than the processor's close takes at most, shorter than the 30 s after which an
   * orchestrator kills.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final CountDownLatch told = new CountDownLatch(1);
  private final AtomicReference<@Nullable Integer> exitCode = new AtomicReference<>();
  private final CountDownLatch done = new CountDownLatch(1);

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::holdUntilDone, "stop"));
  }

  /** Returns when the process has been told to stop. */
  void await() throws InterruptedException {
    told.await();
  }

  /** Waits for no longer than this. Returns whether the process has been told to stop. */
  boolean await(Duration time) throws InterruptedException {
    return told.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Makes {@link #await()} return, as a signal would. */
  void stop() {
    told.countDown();
  }

  boolean isTold() {
    return told.getCount() == 0;
  }

  /** With what code the JVM is to end after a stop that was clean; call it when all is closed. */
  void endWith(int code) {
    exitCode.set(code);
  }

  /** Lets the JVM end. */
  @Override
  public void close() {
    done.countDown();
  }

  private void holdUntilDone() {
    // Nothing to hold up where the command has ended of itself.
    if (done.getCount() == 0) {
      return;
    }
    told.countDown();
    try {
      if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("millrace: did not stop within " + PATIENCE.toSeconds() + " s");
        return;
      }
      var code = exitCode.get();
      if (code != null) {
        System.out.flush();
        Runtime.getRuntime().halt(code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
