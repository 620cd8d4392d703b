package io.millrace.runtime.engine;

import io.millrace.batching.SchedulerLimits;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where requests come in: the commands on their way to the engine's thread, and the count of those
 * that wait. Safe for use by all threads.
 *
 * <p>The queue needs no bound of its own: submissions are bounded by the waiting room, and each
 * request is cancelled, each channel closed, once at most.
 */
final class EngineEntrance {

  private final Queue<EngineCommand> commands = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong waitingTokens = new AtomicLong();
  private final SchedulerLimits limits;
  private final int contextLength;
  private final int vocabularySize;
  private final LongSupplier clock;
  private volatile Runnable wake = () -> {};
  private volatile boolean closed;

  /**
   * @param contextLength the most tokens of prompt and completion together
   * @param clock monotonic nanoseconds
   */
  EngineEntrance(
      SchedulerLimits limits, int contextLength, int vocabularySize, LongSupplier clock) {
    this.limits = limits;
    this.contextLength = contextLength;
    this.vocabularySize = vocabularySize;
    this.clock = clock;
  }

  int contextLength() {
    return contextLength;
  }

  /** What to call when the engine's thread may be asleep and has something to do. */
  void onWork(Runnable action) {
    wake = action;
  }

  /** Whether the next {@link #tryEnter} may succeed; that one decides. */
  boolean hasRoom(int promptTokens) {
    return waiting.get() < limits.maxWaiting()
        && fits(waitingTokens.get() + promptTokens, promptTokens);
  }

  /** A prompt that is longer than all together may be waits alone. */
  private boolean fits(long allTokens, int promptTokens) {
    return allTokens <= limits.maxWaitingTokens() || allTokens == promptTokens;
  }

  /** Lets a request in if there is room; the caller then sends it. */
  boolean tryEnter(int promptTokens) {
    int prompts = waiting.incrementAndGet();
    long tokens = waitingTokens.addAndGet(promptTokens);
    boolean enters = prompts <= limits.maxWaiting() && fits(tokens, promptTokens);
    if (enters) {
      inFlight.incrementAndGet();
    } else {
      leaveWaitingRoom(promptTokens);
    }
    return enters;
  }

  void send(EngineCommand command) {
    commands.add(command);
    wake.run();
  }

  @Nullable EngineCommand next() {
    return commands.poll();
  }

  void wake() {
    wake.run();
  }

  /** A request has a slot now, or has ended without one. */
  void leaveWaitingRoom(int promptTokens) {
    waitingTokens.addAndGet(-promptTokens);
    waiting.decrementAndGet();
  }

  /** A request that has ended waits for room in its channel: it counts as waiting again. */
  void endIsUntold() {
    waiting.incrementAndGet();
  }

  /** It has been told, or no one wants to hear it any more. */
  void endIsSettled() {
    waiting.decrementAndGet();
  }

  void leave() {
    inFlight.decrementAndGet();
  }

  int waiting() {
    return waiting.get();
  }

  int inFlight() {
    return inFlight.get();
  }

  long now() {
    return clock.getAsLong();
  }

  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * @throws IllegalArgumentException if the model cannot take this prompt
   */
  void check(int[] tokens) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("the prompt has no tokens");
    }
    if (tokens.length >= contextLength) {
      throw new IllegalArgumentException(
          "the prompt has %d tokens; the model's context of %d must hold them and one more"
              .formatted(tokens.length, contextLength));
    }
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "token %d is not in the model's vocabulary of %d".formatted(token, vocabularySize));
      }
    }
  }
}
