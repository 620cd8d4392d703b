package io.millrace.runtime.engine;

import java.util.function.LongSupplier;

/** Time that passes only when told to. */
final class SimulatedClock implements LongSupplier {

  private long nowNanos = 1_000;

  void advance(long nanos) {
    nowNanos += nanos;
  }

  @Override
  public long getAsLong() {
    return nowNanos;
  }
}
