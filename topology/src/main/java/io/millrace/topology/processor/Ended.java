package io.millrace.topology.processor;

import io.millrace.topology.load.Flushes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Prompts that have ended and are still in the stores, until their terminal events are
 * acknowledged.
 *
 * <p>Without transactions an event and the removal of its prompt are written one by one, to
 * different brokers: were the removal the only one to arrive before a crash, the prompt would be
 * lost. So it comes second, and a crash in between ends the prompt twice. Belongs to the stream
 * thread.
 */
final class Ended {

  /**
   * @param flushes how often all was acknowledged when its end was written
   */
  private record Entry(Flight flight, long flushes) {}

  private final Flushes flushes;

  /** By request id, in the order of their ends. */
  private final Map<String, Entry> waiting = new LinkedHashMap<>();

  Ended(Flushes flushes) {
    this.flushes = flushes;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** The end of a prompt was written. */
  void add(Flight flight) {
    waiting.put(flight.requestId(), new Entry(flight, flushes.count()));
  }

  /** Another prompt takes the place of one with its id. Hands on that one, if there is one. */
  void replaced(String requestId, Consumer<Flight> removal) {
    var entry = waiting.remove(requestId);
    if (entry != null) {
      removal.accept(entry.flight());
    }
  }

  /** Hands on those whose ends are acknowledged by now. */
  void acknowledged(Consumer<Flight> removal) {
    var entries = waiting.values().iterator();
    while (entries.hasNext()) {
      var entry = entries.next();
      if (entry.flushes() == flushes.count()) {
        return;
      }
      entries.remove();
      removal.accept(entry.flight());
    }
  }
}
