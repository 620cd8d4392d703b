package io.millrace.cli;

import io.millrace.events.Prompt;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.json.PromptJsonDeserializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of prompts: a line each, in the JSON that the prompts topic takes. */
final class PromptFile {

  private PromptFile() {}

  /**
   * Reads all prompts of the file.
   *
   * @throws CommandException naming the line, if one cannot be read
   */
  static List<Prompt> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + e.getMessage(), e);
    }
    List<Prompt> prompts = new ArrayList<>();
    try (var deserializer = new PromptJsonDeserializer()) {
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          prompts.add(prompt(deserializer, file, i + 1, lines.get(i)));
        }
      }
    }
    if (prompts.isEmpty()) {
      throw new CommandException(file + " holds no prompts");
    }
    return prompts;
  }

  private static Prompt prompt(
      PromptJsonDeserializer deserializer, Path file, int number, String line) {
    try {
      var prompt = deserializer.deserialize("", line.getBytes(StandardCharsets.UTF_8));
      if (prompt == null) {
        throw new CommandException("%s, line %d: holds no prompt".formatted(file, number));
      }
      return prompt;
    } catch (UndecodableRecordException e) {
      throw new CommandException("%s, line %d: %s".formatted(file, number, e.getMessage()), e);
    }
  }
}
