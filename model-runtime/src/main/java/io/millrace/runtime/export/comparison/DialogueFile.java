package io.millrace.runtime.export.comparison;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.runtime.prompt.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads dialogues, one JSON object per line: {@code messages} as in a chat-completions request. The
 * reply is their last message, if that is the assistant's, or else the text at {@code reference}.
 */
public final class DialogueFile {

  private static final ObjectMapper JSON = new ObjectMapper();

  private DialogueFile() {}

  /**
   * Reads the whole file; blank lines are skipped.
   *
   * @throws ComparisonException if a line is not a dialogue with a reply, or there is none
   */
  public static List<Dialogue> read(Path file) throws IOException {
    List<Dialogue> dialogues = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (!line.isBlank()) {
        dialogues.add(dialogue(line, file + ", line " + number));
      }
    }
    if (dialogues.isEmpty()) {
      throw new ComparisonException(file + " holds no dialogue");
    }
    return dialogues;
  }

  private static Dialogue dialogue(String line, String place) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new ComparisonException(place + ": not JSON: " + e.getOriginalMessage(), e);
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : node.path("messages")) {
      messages.add(
          new ChatMessage(message.path("role").asText(), message.path("content").asText()));
    }
    if (!messages.isEmpty() && messages.getLast().role().equals("assistant")) {
      String reply = messages.removeLast().content();
      return new Dialogue(messages, reply);
    }
    if (messages.isEmpty() || !node.path("reference").isTextual()) {
      throw new ComparisonException(
          place + ": needs messages, the last by the assistant, or a reference reply");
    }
    return new Dialogue(messages, node.path("reference").asText());
  }
}
