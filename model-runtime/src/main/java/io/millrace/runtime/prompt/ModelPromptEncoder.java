package io.millrace.runtime.prompt;

import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;

/** Encodes prompts with a model's own chat template and tokenizer. */
public final class ModelPromptEncoder implements PromptEncoder {

  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> template;

  private ModelPromptEncoder(Tokenizer tokenizer, Optional<ChatTemplate> template) {
    this.tokenizer = tokenizer;
    this.template = template;
  }

  /**
   * @param tokenizer stays its owner's to close
   * @throws ModelException if the model's chat template cannot be rendered
   */
  public static ModelPromptEncoder of(ModelDirectory model, Tokenizer tokenizer) {
    var config = TokenizerConfig.read(model);
    var template =
        config
            .chatTemplate()
            .map(source -> new ChatTemplate(source, config.beginToken(), config.endToken()));
    try {
      template.ifPresent(ChatTemplate::check);
    } catch (PromptException failure) {
      throw new ModelException(
          model.name() + ": " + failure.getMessage() + "; without a template it takes text alone",
          failure);
    }
    return new ModelPromptEncoder(tokenizer, template);
  }

  @Override
  public int[] encodeChat(List<ChatMessage> messages) {
    var chat =
        template.orElseThrow(
            () -> new PromptException("the model has no chat template: send text instead"));
    messages.forEach(this::requirePlainText);
    // The template writes the special tokens itself.
    return tokenizer.encode(chat.render(messages), false);
  }

  /** A message that could end its own turn could speak in the system's name. */
  private void requirePlainText(ChatMessage message) {
    var vocabulary = tokenizer.vocabulary();
    if (vocabulary.spellsControlToken(message.content())
        || vocabulary.spellsControlToken(message.role())) {
      throw new PromptException("a message spells one of the model's control tokens");
    }
  }

  @Override
  public int[] encodeText(String text) {
    return tokenizer.encode(text, true);
  }
}
