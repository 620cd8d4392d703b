package io.millrace.system;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for something that is bound to happen, but not for ever. */
public final class Eventually {

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private Eventually() {}

  /**
   * Returns as soon as the condition holds.
   *
   * @param otherwise what to say if it did not in time
   */
  public static void await(Duration within, BooleanSupplier condition, Supplier<String> otherwise)
      throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + within.toSeconds() + " s: " + otherwise.get());
      }
      Thread.sleep(LOOK_EVERY);
    }
  }
}
