package io.millrace.runtime.engine;

import io.millrace.runtime.session.SessionSettings;
import java.util.Optional;

/**
 * How an engine is opened.
 *
 * @param modelName what prompts call the model, if not the name of its directory
 * @param session slots, tokens per slot, threads
 * @param maxWaiting requests that may wait for a slot; beyond that {@link
 *     EngineChannel.Admission#BUSY}
 */
public record EngineSettings(Optional<String> modelName, SessionSettings session, int maxWaiting) {

  /**
   * @throws IllegalArgumentException if no request may wait: each one does, if only for a moment
   */
  public EngineSettings {
    if (maxWaiting < 1) {
      throw new IllegalArgumentException("at least one request must be able to wait");
    }
  }
}
