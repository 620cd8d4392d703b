package io.millrace.runtime.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code tokenizer_config.json} says about prompts.
 *
 * @param chatTemplate Jinja source; absent if the model has none
 * @param beginToken text of the beginning-of-sequence token, or empty
 * @param endToken text of the end-of-sequence token, or empty
 */
record TokenizerConfig(Optional<String> chatTemplate, String beginToken, String endToken) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * A {@code chat_template.jinja} file has precedence over the template inside the JSON file, as in
   * the transformers library.
   */
  static TokenizerConfig read(ModelDirectory model) {
    var file = model.tokenizerConfigFile();
    try {
      JsonNode root =
          Files.isRegularFile(file)
              ? JSON.readTree(Files.readString(file))
              : JSON.createObjectNode();
      var template = templateFile(model.chatTemplateFile()).or(() -> template(root));
      return new TokenizerConfig(
          template, tokenText(root.path("bos_token")), tokenText(root.path("eos_token")));
    } catch (IOException failure) {
      throw new ModelException(file + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  private static Optional<String> templateFile(Path file) {
    try {
      return Files.isRegularFile(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException failure) {
      throw new ModelException(file + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** A string, or a list of named templates of which the one called "default" is for chats. */
  private static Optional<String> template(JsonNode root) {
    var template = root.path("chat_template");
    if (template.isTextual()) {
      return Optional.of(template.textValue());
    }
    for (var named : template) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(named.path("template").asText());
      }
    }
    return Optional.empty();
  }

  /** A string, an object with its content, or null. */
  private static String tokenText(JsonNode token) {
    return token.isObject()
        ? token.path("content").asText()
        : token.isTextual() ? token.textValue() : "";
  }
}
