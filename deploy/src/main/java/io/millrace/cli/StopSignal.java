package io.millrace.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

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

  /** Makes {@link #await()} return, as a signal would. */
  void stop() {
    told.countDown();
  }

  /**
   * Makes the JVM end with code 1, as a signal would: what is not closed in time is left. Returns
   * at once.
   */
  void fail() {
    exitCode.set(CommandLine.ExitCode.SOFTWARE);
    Thread.ofPlatform().daemon().start(() -> System.exit(CommandLine.ExitCode.SOFTWARE));
  }

  boolean isTold() {
    return told.getCount() == 0;
  }

  /**
   * With what code the JVM is to end after a stop that was clean; call it when all is closed. After
   * {@link #fail} it stays as it is.
   */
  void endWith(int code) {
    exitCode.compareAndSet(null, code);
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
