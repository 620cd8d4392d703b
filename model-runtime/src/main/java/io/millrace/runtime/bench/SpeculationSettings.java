package io.millrace.runtime.bench;

import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to measure speculation with.
 *
 * @param model its directory
 * @param session with the speculative tokens of one of the two engines
 * @param draftModel directory of a model that drafts for it besides
 * @param chats that the model answers besides the texts made for it; may be empty
 * @param promptTokens of the texts made for it
 * @param completionTokens of each completion at most
 * @param requests of each kind of text, one after the other
 * @param repeats of everything; the medians are reported
 */
public record SpeculationSettings(
    Path model,
    SessionSettings session,
    Optional<Path> draftModel,
    List<List<ChatMessage>> chats,
    int promptTokens,
    int completionTokens,
    int requests,
    int repeats) {

  /**
   * @throws IllegalArgumentException if there is nothing to measure
   */
  public SpeculationSettings {
    chats = chats.stream().<List<ChatMessage>>map(List::copyOf).toList();
    if (promptTokens < 1 || completionTokens < 2 || requests < 1 || repeats < 1) {
      throw new IllegalArgumentException("nothing to measure");
    }
  }
}
