package io.millrace.batching;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Prompts that wait for a slot, and the order in which they get one: by priority, within a priority
 * in {@link FairQueue fair} turns.
 *
 * <p>Waiting makes up for priority: a lane is as urgent as its oldest prompt, whose arrival counts
 * as later by {@code ageing} for each level of priority. So a prompt waits behind more urgent ones
 * only while they came before that moment, and then its lane is served until it had its turn.
 *
 * <p>All operations but {@link #removeIf} take logarithmic time.
 */
final class WaitingRoom<P extends Schedulable> {

  /** The prompts of one priority. Told apart by identity. */
  private static final class Lane<P extends Schedulable> {

    final int priority;
    final SequencedSet<Waiting<P>> byArrival = new LinkedHashSet<>();
    final FairQueue<P> turns;

    /** Lower is earlier. Does not change while the lane is in {@link #byUrgency}. */
    double urgency;

    Lane(int priority, TokenEstimate estimate) {
      this.priority = priority;
      this.turns = new FairQueue<>(estimate);
    }
  }

  private final double ageingNanos;
  private final TokenEstimate estimate = new TokenEstimate();
  private final IdentityHashMap<P, Waiting<P>> all = new IdentityHashMap<>();
  private final Map<Integer, Lane<P>> lanes = new HashMap<>();
  private final NavigableSet<Lane<P>> byUrgency =
      new TreeSet<>(
          Comparator.<Lane<P>>comparingDouble(lane -> lane.urgency)
              .thenComparingInt(lane -> lane.priority));
  private final NavigableSet<Waiting<P>> byDeadline =
      new TreeSet<>(
          Comparator.<Waiting<P>>comparingLong(waiting -> waiting.prompt().deadlineNanos())
              .thenComparingLong(Waiting::number));

  /** Those that had their turn and are not answered. */
  private final IdentityHashMap<P, Waiting<P>> served = new IdentityHashMap<>();

  private long promptTokens;
  private long arrivals;

  /**
   * @param ageingNanos how much waiting makes up for one level of priority
   */
  WaitingRoom(long ageingNanos) {
    this.ageingNanos = ageingNanos;
  }

  int size() {
    return all.size();
  }

  /** Of all prompts together. */
  long promptTokens() {
    return promptTokens;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Priorities that someone waits or runs with. */
  int lanes() {
    return lanes.size();
  }

  void add(P prompt, long nowNanos) {
    var waiting = new Waiting<>(prompt, nowNanos, arrivals++);
    all.put(prompt, waiting);
    promptTokens += prompt.promptTokens();
    if (prompt.deadlineNanos() != Batchable.NO_DEADLINE) {
      byDeadline.add(waiting);
    }
    var lane = lanes.computeIfAbsent(prompt.priority(), level -> new Lane<>(level, estimate));
    lane.turns.add(waiting);
    lane.byArrival.add(waiting);
    if (lane.byArrival.size() == 1) {
      rank(lane);
    }
  }

  /** Takes the prompt whose turn it is. */
  Optional<P> next() {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    var lane = byUrgency.first();
    var waiting = lane.turns.next();
    served.put(waiting.prompt(), waiting);
    lane.turns.serve();
    leave(waiting, lane);
    return Optional.of(waiting.prompt());
  }

  /** Takes a prompt out of turn. Returns false if it is not here. */
  boolean remove(P prompt) {
    var waiting = all.get(prompt);
    if (waiting == null) {
      return false;
    }
    var lane = laneOf(prompt);
    lane.turns.remove(waiting);
    leave(waiting, lane);
    return true;
  }

  /** Takes out, and returns, those that the condition holds for, in order of arrival. */
  List<P> removeIf(Predicate<P> condition) {
    List<P> removed =
        all.values().stream()
            .filter(waiting -> condition.test(waiting.prompt()))
            .sorted(Comparator.comparingLong(Waiting::number))
            .map(Waiting::prompt)
            .toList();
    removed.forEach(this::remove);
    return removed;
  }

  /** Takes out, and returns, those whose deadline has come, the earliest first. */
  List<P> expire(long nowNanos) {
    List<P> expired = new ArrayList<>();
    while (!byDeadline.isEmpty() && byDeadline.first().prompt().deadlineNanos() <= nowNanos) {
      var prompt = byDeadline.first().prompt();
      remove(prompt);
      expired.add(prompt);
    }
    return expired;
  }

  /** Says how many tokens a prompt that had its turn was answered with. */
  void answered(P prompt, int completionTokens) {
    var waiting = requireNonNull(served.remove(prompt), "had no turn");
    var lane = laneOf(prompt);
    estimate.answered(completionTokens);
    lane.turns.answered(waiting, prompt.promptTokens() + completionTokens);
    forgetIfIdle(lane);
  }

  private Lane<P> laneOf(P prompt) {
    return requireNonNull(lanes.get(prompt.priority()), "a lane for each that waits or runs");
  }

  private void forgetIfIdle(Lane<P> lane) {
    if (lane.turns.isIdle()) {
      lanes.remove(lane.priority);
    }
  }

  private void leave(Waiting<P> waiting, Lane<P> lane) {
    var prompt = waiting.prompt();
    all.remove(prompt);
    promptTokens -= prompt.promptTokens();
    byDeadline.remove(waiting);
    boolean wasOldest = lane.byArrival.getFirst() == waiting;
    lane.byArrival.remove(waiting);
    if (wasOldest) {
      byUrgency.remove(lane);
      if (lane.byArrival.isEmpty()) {
        forgetIfIdle(lane);
      } else {
        rank(lane);
      }
    }
  }

  private void rank(Lane<P> lane) {
    lane.urgency = lane.byArrival.getFirst().arrivedNanos() + lane.priority * ageingNanos;
    byUrgency.add(lane);
  }
}
