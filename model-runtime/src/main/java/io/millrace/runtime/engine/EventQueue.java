package io.millrace.runtime.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue from one producing thread (the engine's) to one consuming thread, without locks.
 *
 * <p>Lamport's ring: each side writes only its own counter. A slot's content is published by the
 * counter's release and read after the other side's acquire.
 */
final class EventQueue {

  private final AtomicReferenceArray<@Nullable EngineEvent> ring;
  private final AtomicLong produced = new AtomicLong();
  private final AtomicLong consumed = new AtomicLong();

  EventQueue(int capacity) {
    ring = new AtomicReferenceArray<>(capacity);
  }

  /** Returns false, and takes nothing, if the queue is full. Only the producer may call it. */
  boolean offer(EngineEvent event) {
    long position = produced.getPlain();
    if (position - consumed.getAcquire() == ring.length()) {
      return false;
    }
    ring.setPlain(index(position), event);
    produced.setRelease(position + 1);
    return true;
  }

  /** The next event, or null if there is none. Only the consumer may call it. */
  @Nullable EngineEvent poll() {
    long position = consumed.getPlain();
    if (position == produced.getAcquire()) {
      return null;
    }
    int index = index(position);
    var event = ring.getPlain(index);
    ring.setPlain(index, null);
    consumed.setRelease(position + 1);
    return event;
  }

  private int index(long position) {
    return (int) (position % ring.length());
  }
}
