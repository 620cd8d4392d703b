package io.millrace.batching;

import io.millrace.batching.MicroBatch.Trigger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Collects the prompts of one partition and releases them in batches: on size, token budget,
 * nearest deadline or age, whichever comes first.
 *
 * <p>Prompts leave in the order they came. Belongs to one thread; the caller passes the time in,
 * and asks again at {@link #nextReleaseNanos()} at the latest.
 */
public final class MicroBatcher<P extends Batchable> {

  private record Waiting<P>(P prompt, long arrivedNanos) {}

  private final MicroBatchPolicy policy;
  private final Deque<Waiting<P>> waiting = new ArrayDeque<>();
  private long promptTokens;

  public MicroBatcher(MicroBatchPolicy policy) {
    this.policy = policy;
  }

  /** Takes a prompt in; {@link #poll} decides when it leaves. */
  public void add(P prompt, long nowNanos) {
    waiting.addLast(new Waiting<>(prompt, nowNanos));
    promptTokens += prompt.promptTokens();
  }

  /**
   * The next batch that is due. Call until it is empty: more than one may be due.
   *
   * @param nowNanos never less than in an earlier call
   */
  public Optional<MicroBatch<P>> poll(long nowNanos) {
    return trigger(nowNanos).map(trigger -> new MicroBatch<>(take(), trigger));
  }

  /** Takes a prompt out before its release. Returns false if it is not here. */
  public boolean remove(String requestId) {
    return waiting.removeIf(
        entry -> {
          boolean match = entry.prompt().requestId().equals(requestId);
          if (match) {
            promptTokens -= entry.prompt().promptTokens();
          }
          return match;
        });
  }

  /** Prompts not yet released. */
  public int size() {
    return waiting.size();
  }

  /**
   * When {@link #poll} will release a batch if nothing is added, or {@link Long#MAX_VALUE} if
   * nothing waits.
   */
  public long nextReleaseNanos() {
    if (waiting.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long release = waiting.getFirst().arrivedNanos() + policy.maxWaitNanos();
    for (var entry : waiting) {
      release = Math.min(release, latestStartNanos(entry.prompt()));
    }
    return release;
  }

  private Optional<Trigger> trigger(long nowNanos) {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    if (waiting.size() >= policy.maxPrompts()) {
      return Optional.of(Trigger.SIZE);
    }
    if (promptTokens >= policy.maxPromptTokens()) {
      return Optional.of(Trigger.TOKENS);
    }
    if (waiting.stream().anyMatch(entry -> latestStartNanos(entry.prompt()) <= nowNanos)) {
      return Optional.of(Trigger.DEADLINE);
    }
    if (nowNanos - waiting.getFirst().arrivedNanos() >= policy.maxWaitNanos()) {
      return Optional.of(Trigger.AGE);
    }
    return Optional.empty();
  }

  private List<P> take() {
    List<P> batch = new ArrayList<>();
    long batchTokens = 0;
    while (!waiting.isEmpty() && batch.size() < policy.maxPrompts()) {
      int tokens = waiting.getFirst().prompt().promptTokens();
      if (!batch.isEmpty() && batchTokens + tokens > policy.maxPromptTokens()) {
        break;
      }
      batch.add(waiting.removeFirst().prompt());
      batchTokens += tokens;
    }
    promptTokens -= batchTokens;
    return batch;
  }

  private long latestStartNanos(P prompt) {
    return prompt.deadlineNanos() == Batchable.NO_DEADLINE
        ? Long.MAX_VALUE
        : prompt.deadlineNanos() - policy.deadlineSlackNanos();
  }
}
