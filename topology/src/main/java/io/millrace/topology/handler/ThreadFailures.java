package io.millrace.topology.handler;

import io.millrace.topology.access.BrokerRefusals;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream thread that dies is replaced, unless what killed it will kill the next one too: then the
 * processor ends, so that whoever supervises it sees that.
 */
public final class ThreadFailures implements StreamsUncaughtExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ThreadFailures.class);

  /**
   * More deaths than this within {@link #WINDOW} are no accident. Not fewer than {@code
   * inflight.max-attempts}: a prompt that kills threads after its attempt was committed is to end
   * before the processor does.
   */
  private static final int MOST_DEATHS = 10;

  private static final Duration WINDOW = Duration.ofMinutes(5);

  private final LongSupplier nanoClock;
  private final Deque<Long> deaths = new ArrayDeque<>();

  /**
   * @param nanoClock such as {@link System#nanoTime()}
   */
  public ThreadFailures(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  @Override
  public synchronized StreamThreadExceptionResponse handle(Throwable exception) {
    long nowNanos = nanoClock.getAsLong();
    deaths.addLast(nowNanos);
    deaths.removeIf(death -> nowNanos - death > WINDOW.toNanos());
    if (isLasting(exception)) {
      BrokerRefusals.explain(exception)
          .ifPresentOrElse(
              reason -> LOG.error("Ending: {}", reason),
              () -> LOG.error("Ending: a stream thread died of what will not pass", exception));
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    if (deaths.size() > MOST_DEATHS) {
      LOG.error("Ending: {} stream threads died within {}", deaths.size(), WINDOW, exception);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    LOG.warn("A stream thread died and is replaced", exception);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private static boolean isLasting(Throwable exception) {
    for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
      if (cause instanceof Error
          || cause instanceof AuthenticationException
          || cause instanceof AuthorizationException
          || cause instanceof ConfigException
          || cause instanceof MissingSourceTopicException
          || cause instanceof UnsupportedVersionException) {
        return true;
      }
    }
    return false;
  }
}
