package io.millrace.runtime.prompt;

import io.millrace.runtime.model.ModelDirectory;
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
   */
  public static ModelPromptEncoder of(ModelDirectory model, Tokenizer tokenizer) {
    var config = TokenizerConfig.read(model);
    return new ModelPromptEncoder(
        tokenizer,
        config
            .chatTemplate()
            .map(source -> new ChatTemplate(source, config.beginToken(), config.endToken())));
  }

  @Override
  public int[] encodeChat(List<ChatMessage> messages) {
    var chat =
        template.orElseThrow(
            () -> new PromptException("the model has no chat template: send text instead"));
    // The template writes the special tokens itself.
    return tokenizer.encode(chat.render(messages), false);
  }

  @Override
  public int[] encodeText(String text) {
    return tokenizer.encode(text, true);
  }
}
