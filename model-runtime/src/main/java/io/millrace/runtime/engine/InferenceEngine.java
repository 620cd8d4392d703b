package io.millrace.runtime.engine;

import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.PromptEncoder;

/**
 * A loaded model that generates for many requests at once, on a thread of its own.
 *
 * <p>All methods may be called from any thread.
 */
public interface InferenceEngine extends AutoCloseable {

  ModelInfo model();

  PromptEncoder encoder();

  /**
   * Opens a way in and out for one owner, such as a stream task.
   *
   * @param owner a name for logs
   * @param capacity how many events may wait to be polled, at least 1; a request whose events do
   *     not fit is held back and others decode on, but it keeps its slot: an owner that stops
   *     polling for long leaves fewer to the others
   * @param onEvents called when events have come that the owner may not know of: on the engine's
   *     thread, once for all events of a step, so it must be quick
   */
  EngineChannel openChannel(String owner, int capacity, Runnable onEvents);

  /** Requests now waiting for a slot or running, over all channels. */
  int inFlight();

  /**
   * Whether steps end, be it that they are stopped. If not, the device or its driver hangs, and
   * only a new process helps.
   */
  boolean isResponsive();

  /** Stops the thread and frees the model. Requests in flight get no further event. Idempotent. */
  @Override
  void close();
}
