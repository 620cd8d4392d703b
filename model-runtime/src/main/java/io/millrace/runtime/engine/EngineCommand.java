package io.millrace.runtime.engine;

/** What other threads ask of the engine's own. */
sealed interface EngineCommand {

  /** The channel has let it in, so there is room for it. */
  record Submit(Generation generation) implements EngineCommand {}

  record Cancel(Generation generation) implements EngineCommand {}

  record CloseChannel(QueuedChannel channel) implements EngineCommand {}
}
