package io.millrace.batching;

import io.millrace.batching.SlotAllocator.Move;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decides between two decode steps which prompts run: continuous batching at the level of
 * iterations.
 *
 * <p>One iteration is, in this order: {@link #expireWaiting}, {@link #retire} of each running row
 * that has ended, {@link #admit}, prefill of what was admitted, one decode step over all {@link
 * #running()} rows. A row that ends is retired at once and its slot is free in the same iteration.
 *
 * <p>Admission is by priority, then by arrival. Prompts are told apart by identity, not by {@link
 * Batchable#requestId()}, since two owners may use the same id. Belongs to one thread.
 *
 * @see <a href="https://www.usenix.org/conference/osdi22/presentation/yu">Orca (OSDI 2022),
 *     iteration-level scheduling</a>
 */
public final class IterationScheduler<P extends Batchable> {

  private record Waiting<P extends Batchable>(P prompt, long arrival) {}

  private final SchedulerLimits limits;
  private final SlotAllocator slots;
  private final List<P> rows = new ArrayList<>();
  private final TreeSet<Waiting<P>> byPriority =
      new TreeSet<>(
          Comparator.<Waiting<P>>comparingInt(entry -> entry.prompt().priority())
              .thenComparingLong(Waiting::arrival));
  private final TreeSet<Waiting<P>> byDeadline =
      new TreeSet<>(
          Comparator.<Waiting<P>>comparingLong(entry -> entry.prompt().deadlineNanos())
              .thenComparingLong(Waiting::arrival));
  private long arrivals;

  public IterationScheduler(SchedulerLimits limits) {
    this.limits = limits;
    this.slots = new SlotAllocator(limits.slots());
  }

  /** Takes a prompt into the waiting room. Returns false, and takes nothing, if that is full. */
  public boolean offer(P prompt) {
    if (byPriority.size() >= limits.maxWaiting()) {
      return false;
    }
    var entry = new Waiting<>(prompt, arrivals++);
    byPriority.add(entry);
    byDeadline.add(entry);
    return true;
  }

  /**
   * Takes a prompt out of the waiting room. Returns false if it is not there: it runs, or is
   * unknown.
   */
  @SuppressWarnings("ReferenceEquality") // see the class comment
  public boolean withdraw(P prompt) {
    return byPriority.stream()
        .filter(entry -> entry.prompt() == prompt)
        .findFirst()
        .map(this::leaveWaitingRoom)
        .isPresent();
  }

  /** Takes out, and returns, the waiting prompts that the condition holds for, in their order. */
  public List<P> withdrawIf(Predicate<P> condition) {
    List<P> withdrawn = byPriority.stream().map(Waiting::prompt).filter(condition).toList();
    withdrawn.forEach(this::withdraw);
    return withdrawn;
  }

  /** Takes out, and returns, the waiting prompts whose deadline has come. */
  public List<P> expireWaiting(long nowNanos) {
    List<P> expired = new ArrayList<>();
    while (!byDeadline.isEmpty() && byDeadline.first().prompt().deadlineNanos() <= nowNanos) {
      expired.add(leaveWaitingRoom(byDeadline.first()));
    }
    return expired;
  }

  /**
   * Gives free slots to waiting prompts, within the prefill budget of one iteration.
   *
   * @return the admitted prompts in order; the first has row {@code running().size()} as it was
   *     before the call
   */
  public List<P> admit() {
    List<P> admitted = new ArrayList<>();
    long prefillTokens = 0;
    while (slots.hasFree() && !byPriority.isEmpty()) {
      int tokens = byPriority.first().prompt().promptTokens();
      if (!admitted.isEmpty() && prefillTokens + tokens > limits.maxPrefillTokens()) {
        break;
      }
      var prompt = leaveWaitingRoom(byPriority.first());
      prefillTokens += tokens;
      slots.allocate();
      rows.add(prompt);
      admitted.add(prompt);
    }
    return admitted;
  }

  /**
   * Frees the slot of a running row.
   *
   * @return the row of the KV cache that has to be moved into the gap, if any; {@link #running()}
   *     already shows the move
   * @throws IllegalArgumentException if the row is not in use
   */
  public Optional<Move> retire(int slot) {
    var move = slots.release(slot);
    P last = rows.removeLast();
    if (move.isPresent()) {
      rows.set(slot, last);
    }
    return move;
  }

  /**
   * Exchanges two running rows; the caller does the same in the KV cache. For a decode step in
   * which not all rows take part: those that do have to come first.
   *
   * @throws IndexOutOfBoundsException if a row is not in use
   */
  public void swap(int first, int second) {
    Collections.swap(rows, first, second);
  }

  /** The running prompts; the index is the row of the KV cache. A live view, not to be changed. */
  public List<P> running() {
    return Collections.unmodifiableList(rows);
  }

  /** Prompts in the waiting room. */
  public int waiting() {
    return byPriority.size();
  }

  /** Whether there is nothing to do. */
  public boolean isIdle() {
    return rows.isEmpty() && byPriority.isEmpty();
  }

  private P leaveWaitingRoom(Waiting<P> entry) {
    byPriority.remove(entry);
    byDeadline.remove(entry);
    return entry.prompt();
  }
}
