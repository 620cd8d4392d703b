package io.millrace.cli.reply;

import java.time.Duration;
import java.util.Collection;

/** Exact percentiles over durations, by nearest rank: each is a duration that did occur. */
public final class Percentiles {

  private final long[] sortedNanos;

  public Percentiles(Collection<Long> nanos) {
    sortedNanos = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  public int count() {
    return sortedNanos.length;
  }

  /**
   * The smallest duration that at least {@code percent} of all do not exceed; zero if there are
   * none.
   *
   * @param percent over 0, up to 100
   */
  public Duration at(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percent must be over 0, up to 100, not " + percent);
    }
    if (sortedNanos.length == 0) {
      return Duration.ZERO;
    }
    int rank = (int) Math.ceil(percent / 100 * sortedNanos.length);
    return Duration.ofNanos(sortedNanos[Math.max(rank, 1) - 1]);
  }

  /** In milliseconds, to the microsecond. */
  public double millisAt(double percent) {
    return Math.round(at(percent).toNanos() / 1e3) / 1e3;
  }
}
