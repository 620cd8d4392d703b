package io.millrace.topology.processor;

import io.millrace.batching.MicroBatchPolicy;
import io.millrace.batching.MicroBatcher;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/**
 * The prompts of one partition that are not yet with the engine: first those that are due and the
 * engine had no room for, then those that the micro-batcher still collects.
 *
 * <p>Prompts leave in the order they came. Belongs to the stream thread.
 */
final class PromptLane {

  private final MicroBatcher<Flight> collecting;
  private final Deque<Flight> due = new ArrayDeque<>();

  PromptLane(MicroBatchPolicy policy) {
    this.collecting = new MicroBatcher<>(policy);
  }

  /** Adds a prompt that may wait for others. */
  void collect(Flight flight, long nowNanos) {
    collecting.add(flight, nowNanos);
  }

  /** Adds a prompt that waits for nothing but room. */
  void addDue(Flight flight) {
    due.addLast(flight);
  }

  boolean remove(String requestId) {
    return due.removeIf(flight -> flight.requestId().equals(requestId))
        || collecting.remove(requestId);
  }

  /** Whether a prompt waits for its batch, which time alone may release. */
  boolean isCollecting() {
    return collecting.size() > 0;
  }

  /** Whether the engine had no room for a prompt that was due. */
  boolean isBackedUp() {
    return !due.isEmpty();
  }

  /** Makes due what the micro-batcher releases. */
  void release(long nowNanos) {
    var batch = collecting.poll(nowNanos);
    while (batch.isPresent()) {
      batch.get().prompts().forEach(this::addDue);
      batch = collecting.poll(nowNanos);
    }
  }

  /**
   * Hands on what is due, until one is refused.
   *
   * @param handOn returns false if there is no room; the prompt stays first
   */
  void handOn(Predicate<Flight> handOn) {
    while (!due.isEmpty() && handOn.test(due.getFirst())) {
      due.removeFirst();
    }
  }
}
