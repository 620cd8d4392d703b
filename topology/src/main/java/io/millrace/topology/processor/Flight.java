package io.millrace.topology.processor;

import io.millrace.batching.Batchable;
import io.millrace.events.Prompt;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.topology.prompt.Verdict;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A prompt between acceptance and its terminal event, as its task sees it. */
final class Flight implements Batchable {

  /**
   * The moments that matter.
   *
   * @param acceptedNanos on {@link System#nanoTime()}
   * @param acceptedAtMillis the same since the epoch
   * @param deadlineNanos on {@link System#nanoTime()}, or {@link Batchable#NO_DEADLINE}
   */
  record Times(long acceptedNanos, long acceptedAtMillis, long deadlineNanos) {

    /** Those of a prompt; both clocks are read at one moment. */
    static Times of(Prompt prompt, long acceptedAtMillis, long nowMillis, long nowNanos) {
      long ageMillis = Math.max(0, nowMillis - acceptedAtMillis);
      return new Times(
          nowNanos - TimeUnit.MILLISECONDS.toNanos(ageMillis),
          acceptedAtMillis,
          deadlineNanos(prompt, nowMillis, nowNanos));
    }

    /** Deadlines are given in wall-clock time and kept in the engine's. */
    private static long deadlineNanos(Prompt prompt, long nowMillis, long nowNanos) {
      if (prompt.getDeadline() == null) {
        return Batchable.NO_DEADLINE;
      }
      long leftMillis = prompt.getDeadline().toEpochMilli() - nowMillis;
      return leftMillis > Duration.ofDays(365).toMillis()
          ? Batchable.NO_DEADLINE
          : nowNanos + TimeUnit.MILLISECONDS.toNanos(leftMillis);
    }
  }

  private final Prompt prompt;
  private final Origin origin;
  private final Times times;
  private Transcript transcript;
  private Verdict.@Nullable Valid valid;
  private int countedAttempts;
  private boolean nextIsCounted;
  private boolean submitted;
  private long submittedNanos;
  private int failures;
  private boolean cancelled;

  private Flight(
      Prompt prompt,
      Origin origin,
      Times times,
      Transcript transcript,
      int countedAttempts,
      boolean nextIsCounted) {
    this.prompt = prompt;
    this.origin = origin;
    this.times = times;
    this.transcript = transcript;
    this.countedAttempts = countedAttempts;
    this.nextIsCounted = nextIsCounted;
  }

  /**
   * A prompt that was accepted now.
   *
   * @param handedOnSoon whether its first attempt is counted already: where the way is free, this
   *     saves a second write of the entry
   */
  static Flight accepted(Verdict.Valid valid, Origin origin, Times times, boolean handedOnSoon) {
    var flight =
        new Flight(
            valid.prompt(), origin, times, Transcript.first(), handedOnSoon ? 1 : 0, handedOnSoon);
    flight.encoded(valid);
    return flight;
  }

  /**
   * A prompt that the in-flight store held.
   *
   * @param attempts how often it was handed to an engine
   */
  static Flight recovered(
      Prompt prompt, Origin origin, Times times, Transcript transcript, int attempts) {
    return new Flight(prompt, origin, times, transcript, attempts, false);
  }

  /** Makes it ready for the engine. */
  void encoded(Verdict.Valid ready) {
    valid = ready;
  }

  GenerationRequest nextRequest() {
    var ready = Objects.requireNonNull(valid, "encode before you submit");
    return new GenerationRequest(
        requestId(),
        nextAttempt(),
        ready.tokens(),
        ready.sampling(),
        prompt.getPriority(),
        times.deadlineNanos(),
        Objects.toString(prompt.getTenant(), ""),
        Objects.toString(prompt.getCacheSalt(), ""),
        transcript.draft());
  }

  /**
   * Notes that the engine took {@link #nextRequest()}. Returns whether the attempt has still to be
   * written to the store.
   */
  boolean submitted(long nowNanos) {
    boolean written = nextIsCounted;
    countedAttempts = nextAttempt();
    nextIsCounted = false;
    submitted = true;
    submittedNanos = nowNanos;
    return !written;
  }

  /** Notes that the attempt failed and is to be followed by another. Returns how many have now. */
  int attemptFailed() {
    submitted = false;
    transcript = transcript.next();
    return ++failures;
  }

  /** How many attempts failed since this owner has the prompt. */
  int failures() {
    return failures;
  }

  /** Notes that it is to end as cancelled. Returns false if that was noted before. */
  boolean cancel() {
    boolean first = !cancelled;
    cancelled = true;
    return first;
  }

  boolean isCancelled() {
    return cancelled;
  }

  private int nextAttempt() {
    return nextIsCounted ? countedAttempts : countedAttempts + 1;
  }

  boolean isSubmitted() {
    return submitted;
  }

  /** How often it was handed to an engine. */
  int attempts() {
    return nextIsCounted ? countedAttempts - 1 : countedAttempts;
  }

  /** What the store is to say of {@link #attempts()}. */
  int countedAttempts() {
    return countedAttempts;
  }

  /** What this attempt has generated. */
  Transcript transcript() {
    return transcript;
  }

  Prompt prompt() {
    return prompt;
  }

  Origin origin() {
    return origin;
  }

  Times times() {
    return times;
  }

  Verdict.@Nullable Valid valid() {
    return valid;
  }

  /** How long it waited before it was handed to the engine. */
  long waitedNanos(long nowNanos) {
    return (submitted ? submittedNanos : nowNanos) - times.acceptedNanos();
  }

  @Override
  public String requestId() {
    return prompt.getRequestId();
  }

  @Override
  public int promptTokens() {
    return valid == null ? 1 : valid.tokens().length;
  }

  @Override
  public int maxCompletionTokens() {
    return valid == null ? 1 : valid.sampling().maxCompletionTokens();
  }

  @Override
  public int priority() {
    return prompt.getPriority();
  }

  @Override
  public long deadlineNanos() {
    return times.deadlineNanos();
  }
}
