package io.millrace.runtime.export.comparison;

import io.millrace.runtime.prompt.ChatMessage;
import java.util.List;

/**
 * A conversation up to the assistant's turn, and what the assistant should say.
 *
 * @param messages the prompt
 * @param reply the assistant's turn
 */
public record Dialogue(List<ChatMessage> messages, String reply) {

  public Dialogue {
    messages = List.copyOf(messages);
  }
}
