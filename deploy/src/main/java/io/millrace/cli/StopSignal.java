package io.millrace.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command that serves until it is stopped clean up after SIGTERM or Ctrl-C.
 *
 * <p>The JVM ends as soon as its shutdown hooks have run, whatever the main thread is doing; the
 * hook here therefore waits until {@link #close()}. Open it first, so that it is closed last.
 */
final class StopSignal implements AutoCloseable {

  /** Longer than a clean stop takes, shorter than the 30 s after which an orchestrator kills. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::holdUntilDone, "stop"));
  }

  /** Returns when the process has been told to stop. */
  void await() throws InterruptedException {
    told.await();
  }

  /** Makes {@link #await()} return, as a signal would. */
  void stop() {
    told.countDown();
  }

  boolean isTold() {
    return told.getCount() == 0;
  }

  /** Lets the JVM end. */
  @Override
  public void close() {
    done.countDown();
  }

  private void holdUntilDone() {
    told.countDown();
    try {
      if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("millrace: did not stop within " + PATIENCE.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
