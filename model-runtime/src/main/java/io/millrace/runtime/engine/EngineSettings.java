package io.millrace.runtime.engine;

import io.millrace.runtime.session.ExecutionProvider;
import io.millrace.runtime.session.SessionSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * How an engine is opened.
 *
 * @param modelName what prompts call the model, if not the name of its directory
 * @param session slots, tokens per slot, threads
 * @param maxWaiting requests that may wait for a slot; beyond that {@link
 *     EngineChannel.Admission#BUSY}
 * @param maxWaitingTokens of their prompts together, unless one is longer
 * @param priorityAgeing how much waiting makes up for one level of priority
 * @param stepTimeout after which a step of the model is stopped
 * @param prefixCacheBytes memory for the beginnings of prompts at most; 0 for none
 * @param storeBytes native memory that the process's stores may take beside the engine: only added
 *     up, to see whether all of it fits the machine
 */
public record EngineSettings(
    Optional<String> modelName,
    SessionSettings session,
    int maxWaiting,
    long maxWaitingTokens,
    Duration priorityAgeing,
    Duration stepTimeout,
    long prefixCacheBytes,
    long storeBytes) {

  /** In a process without stores. */
  public EngineSettings(
      Optional<String> modelName,
      SessionSettings session,
      int maxWaiting,
      long maxWaitingTokens,
      Duration priorityAgeing,
      Duration stepTimeout,
      long prefixCacheBytes) {
    this(
        modelName,
        session,
        maxWaiting,
        maxWaitingTokens,
        priorityAgeing,
        stepTimeout,
        prefixCacheBytes,
        0);
  }

  /** Prompts bounded by number alone; no prefix cache. */
  public static EngineSettings of(SessionSettings session, int maxWaiting) {
    return new EngineSettings(
        Optional.empty(),
        session,
        maxWaiting,
        Long.MAX_VALUE,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        0);
  }

  /** The same on one provider alone. */
  EngineSettings on(ExecutionProvider provider) {
    return withSession(session.on(session.provider().alone(provider)));
  }

  /** The same on another GPU. */
  EngineSettings onDevice(int number) {
    return withSession(session.on(session.provider().onDevice(number)));
  }

  private EngineSettings withSession(SessionSettings other) {
    return new EngineSettings(
        modelName,
        other,
        maxWaiting,
        maxWaitingTokens,
        priorityAgeing,
        stepTimeout,
        prefixCacheBytes,
        storeBytes);
  }

  /**
   * @throws IllegalArgumentException if no request may wait (each one does, if only for a moment)
   *     or the cache is smaller than nothing
   */
  public EngineSettings {
    if (maxWaiting < 1) {
      throw new IllegalArgumentException("at least one request must be able to wait");
    }
    if (prefixCacheBytes < 0) {
      throw new IllegalArgumentException("a prefix cache of " + prefixCacheBytes + " bytes");
    }
  }
}
