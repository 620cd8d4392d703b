package io.millrace.topology.processor;

import io.millrace.topology.load.Flushes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is done with and stays in a store until what came of it is acknowledged.
 *
 * <p>Without transactions, a prompt's terminal event and its removal from the store are written one
 * by one, to different brokers: were the removal the only one to arrive before a crash, the prompt
 * would be lost. So it comes second, and a crash in between ends the prompt twice. Belongs to the
 * stream thread.
 *
 * @param <K> key in the store
 * @param <V> what its removal needs
 */
final class PendingRemovals<K, V> {

  /**
   * @param flushes how often all was acknowledged when it was done with
   */
  private record Pending<V>(V value, long flushes) {}

  private final Flushes flushes = Flushes.ofThisThread();

  /** In the order in which they were done with. */
  private final Map<K, Pending<V>> waiting = new LinkedHashMap<>();

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean contains(K key) {
    return waiting.containsKey(key);
  }

  /** What came of it was written. */
  void add(K key, V value) {
    waiting.put(key, new Pending<>(value, flushes.count()));
  }

  /** No longer waits for it. Returns null if it did not. */
  @Nullable V take(K key) {
    var pending = waiting.remove(key);
    return pending == null ? null : pending.value();
  }

  /** Hands on those whose time has come. */
  void acknowledged(Consumer<V> removal) {
    var all = waiting.values().iterator();
    while (all.hasNext()) {
      var pending = all.next();
      if (pending.flushes() == flushes.count()) {
        return;
      }
      all.remove();
      removal.accept(pending.value());
    }
  }
}
