package io.millrace.runtime.engine;

import org.jspecify.annotations.Nullable;

/**
 * One owner's way to the engine and back: requests in, a bounded queue of events out.
 *
 * <p>One thread at a time may call it (the stream thread); the engine's own thread is the other
 * side. After {@link #close()} no event of its requests can reach anyone, so a channel per task
 * incarnation is all the fencing a rebalance needs.
 */
public interface EngineChannel extends AutoCloseable {

  /** What became of a {@link #submit}. */
  enum Admission {
    /** A terminal event will come. */
    ACCEPTED,
    /** The engine's waiting room is full: nothing was taken, try again later. */
    BUSY
  }

  /**
   * Hands a request to the engine; never blocks.
   *
   * @throws IllegalArgumentException if prompt and one token do not fit the model's context
   * @throws IllegalStateException if the channel is closed
   */
  Admission submit(GenerationRequest request);

  /**
   * Asks for the request's end; its terminal event is {@link EngineEvent.Cancelled}, unless another
   * was on its way. Unknown ids are ignored.
   */
  void cancel(String requestId);

  /** The next event, or null if none is waiting. */
  @Nullable EngineEvent poll();

  /** Cancels what is in flight and drops what was not polled. Idempotent. */
  @Override
  void close();
}
