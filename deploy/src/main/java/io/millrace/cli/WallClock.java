package io.millrace.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notices that the wall clock was set back.
 *
 * <p>Kafka's clients and Kafka Streams take it for the time that has passed. When it is set back by
 * an hour, then for an hour no heartbeat is due, no commit, no reconnection and the end of no wait:
 * a processor would stand still, and look well. When it is set forward, all of these are due at
 * once, which they survive. Belongs to one thread.
 */
final class WallClock {

  /**
   * A heartbeat that is later by as much is still in time: {@code KafkaDefaults} has a session of 6
   * s and a heartbeat every 1.5 s.
   */
  private static final Duration TOLERATED = Duration.ofSeconds(2);

  private final LongSupplier millis;
  private final LongSupplier nanos;
  private long aheadMillis;

  /**
   * @param millis the wall clock, such as {@link System#currentTimeMillis()}
   * @param nanos a clock that no one sets, such as {@link System#nanoTime()}
   */
  WallClock(LongSupplier millis, LongSupplier nanos) {
    this.millis = millis;
    this.nanos = nanos;
    aheadMillis = ahead();
  }

  /** Of the clock that no one sets. */
  private long ahead() {
    return millis.getAsLong() - TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
  }

  /** How far it was set back since the last call; zero if by so little that it does no harm. */
  Duration setBack() {
    long now = ahead();
    var by = Duration.ofMillis(aheadMillis - now);
    aheadMillis = now;
    return by.compareTo(TOLERATED) > 0 ? by : Duration.ZERO;
  }
}
