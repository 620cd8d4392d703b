package io.millrace.topology.processor;

import io.millrace.topology.config.InflightSettings;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Prompts that wait for another attempt after the engine failed: each failure doubles the wait.
 * Belongs to the stream thread.
 */
final class Retries {

  private static final int MOST_DOUBLINGS = 16;

  /** A prompt and when it is to be tried again, on {@link System#nanoTime()}. */
  private record Retry(Flight flight, long dueNanos) {}

  private final InflightSettings settings;
  private final PriorityQueue<Retry> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Retry::dueNanos));

  Retries(InflightSettings settings) {
    this.settings = settings;
  }

  /** Takes a prompt whose attempt failed. Returns false if it has had all its attempts. */
  boolean add(Flight flight, long nowNanos) {
    if (flight.failures() >= settings.retries() || flight.attempts() >= settings.maxAttempts()) {
      return false;
    }
    int failures = flight.attemptFailed();
    long backoffNanos = settings.retryBackoff().toNanos() << Math.min(failures - 1, MOST_DOUBLINGS);
    waiting.add(new Retry(flight, nowNanos + backoffNanos));
    return true;
  }

  /** A prompt has ended while it waited. */
  void remove(Flight flight) {
    waiting.removeIf(retry -> retry.flight() == flight);
  }

  /** Hands on those whose time has come. */
  void handOn(long nowNanos, Consumer<Flight> next) {
    while (!waiting.isEmpty() && waiting.element().dueNanos() <= nowNanos) {
      next.accept(waiting.remove().flight());
    }
  }
}
