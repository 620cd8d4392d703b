package io.millrace.cli.bench;

import java.time.Duration;

/**
 * What one turn of a comparison showed.
 *
 * @param cores that this process kept busy, on average
 * @param brokerCores the same of the broker
 */
record Turn(double tokensPerSecond, double cores, double brokerCores) {

  /** Begins one now. */
  static Begin begin(BrokerProcess broker) {
    return new Begin(broker, System.nanoTime(), ownNanos(), broker.cpuTime().toNanos());
  }

  private static long ownNanos() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  /** Time and processor times at a turn's begin, in nanoseconds. */
  record Begin(BrokerProcess broker, long nanos, long ownNanos, long brokerNanos) {

    /** Ends it now. */
    Turn end(long tokens) {
      double elapsed = elapsed().toNanos();
      return new Turn(
          tokens * 1e9 / elapsed,
          (Turn.ownNanos() - ownNanos) / elapsed,
          (broker.cpuTime().toNanos() - brokerNanos) / elapsed);
    }

    Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - nanos);
    }
  }
}
