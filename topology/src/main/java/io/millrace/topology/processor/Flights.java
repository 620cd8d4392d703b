package io.millrace.topology.processor;

import io.millrace.batching.Batchable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A partition's prompts between acceptance and their end: in the stores, which keep them through a
 * crash, in the order of their conversations, and in the lane to the engine.
 */
final class Flights {

  private final InflightStore store;
  private final ProgressStore progress;
  private final PromptLane lane;
  private final ConversationOrder conversations = new ConversationOrder();

  /** Null where a prompt's end and its removal from the stores are one transaction. */
  private final @Nullable PendingRemovals<String, Flight> ended;

  /** Every prompt in the store that has not ended. */
  private final Map<String, Flight> all = new LinkedHashMap<>();

  /** No prompt that waits has an earlier one. */
  private long nearestDeadlineNanos = Batchable.NO_DEADLINE;

  /**
   * @param ended null where a prompt's end and its removal from the stores are one transaction
   */
  Flights(
      InflightStore store,
      ProgressStore progress,
      PromptLane lane,
      @Nullable PendingRemovals<String, Flight> ended) {
    this.store = store;
    this.progress = progress;
    this.lane = lane;
    this.ended = ended;
  }

  /** Prompts that have not ended. */
  int size() {
    return all.size();
  }

  /** Whether the stores hold none, not even one that has ended. */
  boolean isEmpty() {
    return all.isEmpty() && (ended == null || ended.isEmpty());
  }

  @Nullable Flight find(String requestId) {
    return all.get(requestId);
  }

  /** Whether a prompt that came now could go to the engine without waiting for another. */
  boolean isWayFree(@Nullable String conversationId) {
    return !lane.isBackedUp() && !conversations.isTaken(conversationId);
  }

  /** Takes in a prompt that was accepted. */
  void accept(Flight flight, long nowNanos) {
    var before = ended == null ? null : ended.take(flight.requestId());
    if (before != null) {
      remove(before);
    }
    add(flight);
    store.put(flight);
    if (conversations.begin(flight)) {
      lane.collect(flight, nowNanos);
    }
  }

  /** Takes in a prompt that the store holds; {@link #begin} follows, or its {@link #end}. */
  void add(Flight flight) {
    all.put(flight.requestId(), flight);
    nearestDeadlineNanos = Math.min(nearestDeadlineNanos, flight.deadlineNanos());
  }

  /** Lets a prompt that was added go on, when it is its turn. */
  void begin(Flight flight) {
    if (conversations.begin(flight)) {
      lane.addDue(flight);
    }
  }

  /** Writes down how often the prompt was begun. */
  void attemptBegun(Flight flight) {
    store.put(flight);
  }

  /** Writes down that the prompt is to end as cancelled, whoever owns it by then. */
  void cancelled(Flight flight) {
    store.put(flight);
  }

  /** Writes down how far the prompt has come, now and then. */
  void generated(Flight flight) {
    progress.note(flight);
  }

  /** Forgets a prompt that has left the lane, and lets the next of its conversation go on. */
  void end(Flight flight) {
    all.remove(flight.requestId());
    if (ended == null) {
      remove(flight);
    } else {
      ended.add(flight.requestId(), flight);
    }
    conversations.end(flight).ifPresent(lane::addDue);
  }

  private void remove(Flight flight) {
    store.delete(flight);
    progress.delete(flight);
  }

  /** Removes those from the stores whose ends are acknowledged by now. */
  void removeAcknowledged() {
    if (ended != null) {
      ended.acknowledged(this::remove);
    }
  }

  /** Those that wait and are past their deadline; looks only when the nearest one has passed. */
  List<Flight> expired(long nowNanos) {
    if (nowNanos < nearestDeadlineNanos) {
      return List.of();
    }
    var waiting = all.values().stream().filter(flight -> !flight.isSubmitted()).toList();
    nearestDeadlineNanos =
        waiting.stream()
            .mapToLong(Flight::deadlineNanos)
            .filter(deadline -> deadline > nowNanos)
            .min()
            .orElse(Batchable.NO_DEADLINE);
    return waiting.stream().filter(flight -> flight.deadlineNanos() <= nowNanos).toList();
  }
}
