package io.millrace.batching;

import io.millrace.batching.SlotAllocator.Move;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Decides between two decode steps which prompts run: continuous batching at the level of
 * iterations.
 *
 * <p>One iteration is, in this order: {@link #expireWaiting}, {@link #retire} of each running row
 * that has ended, {@link #admit} and prefill as long as there are slots, prompts and prefill
 * budget, one decode step over all {@link #running()} rows. A row that ends is retired at once and
 * its slot is free in the same iteration.
 *
 * <p>Who is admitted next is decided when a slot is free, not before: by priority, in which waiting
 * makes up for a higher number, then in turns in which tenants, and the sources of each, get equal
 * shares of tokens. Prompts are told apart by identity, not by {@link Batchable#requestId()}, since
 * two owners may use the same id. Belongs to one thread.
 *
 * @see <a href="https://www.usenix.org/conference/osdi22/presentation/yu">Orca (OSDI 2022),
 *     iteration-level scheduling</a>
 */
public final class IterationScheduler<P extends Schedulable> {

  private final SchedulerLimits limits;
  private final SlotAllocator slots;
  private final WaitingRoom<P> waitingRoom;
  private final List<P> rows = new ArrayList<>();

  public IterationScheduler(SchedulerLimits limits) {
    this.limits = limits;
    this.slots = new SlotAllocator(limits.slots());
    this.waitingRoom = new WaitingRoom<>(limits.ageingNanos());
  }

  /**
   * Takes a prompt into the waiting room. Returns false, and takes nothing, if that is full.
   *
   * @param nowNanos never less than in an earlier call
   */
  public boolean offer(P prompt, long nowNanos) {
    boolean fits =
        waitingRoom.isEmpty()
            || (waitingRoom.size() < limits.maxWaiting()
                && waitingRoom.promptTokens() + prompt.promptTokens() <= limits.maxWaitingTokens());
    if (fits) {
      waitingRoom.add(prompt, nowNanos);
    }
    return fits;
  }

  /**
   * Takes a prompt out of the waiting room. Returns false if it is not there: it runs, or is
   * unknown.
   */
  public boolean withdraw(P prompt) {
    return waitingRoom.remove(prompt);
  }

  /** Takes out, and returns, the waiting prompts that the condition holds for, as they came. */
  public List<P> withdrawIf(Predicate<P> condition) {
    return waitingRoom.removeIf(condition);
  }

  /** Takes out, and returns, the waiting prompts whose deadline has come. */
  public List<P> expireWaiting(long nowNanos) {
    return waitingRoom.expire(nowNanos);
  }

  /**
   * Gives a free slot to the waiting prompt whose turn it is. Its row is the last one.
   *
   * @return nothing if there is no free slot or no prompt
   */
  public Optional<P> admit() {
    if (!slots.hasFree()) {
      return Optional.empty();
    }
    var admitted = waitingRoom.next();
    admitted.ifPresent(
        prompt -> {
          slots.allocate();
          rows.add(prompt);
        });
    return admitted;
  }

  /**
   * Frees the slot of a running row.
   *
   * @param completionTokens that it has generated, which count for its tenant
   * @return the row of the KV cache that has to be moved into the gap, if any; {@link #running()}
   *     already shows the move
   * @throws IllegalArgumentException if the row is not in use
   */
  public Optional<Move> retire(int slot, int completionTokens) {
    var move = slots.release(slot);
    waitingRoom.answered(rows.get(slot), completionTokens);
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
    return waitingRoom.size();
  }

  /** Whether there is nothing to do. */
  public boolean isIdle() {
    return rows.isEmpty() && waitingRoom.isEmpty();
  }
}
