package io.millrace.runtime.prompt;

import java.util.List;

/**
 * Turns a prompt into the token ids that the model reads. Safe for use by several threads at once.
 */
public interface PromptEncoder {

  /**
   * Renders the messages with the model's chat template, ready for the assistant's turn, and
   * encodes the result.
   *
   * @return token ids, special tokens of the template included
   * @throws PromptException if the template refuses the messages, the model has no template, or a
   *     message spells one of the model's control tokens: it could pose as another turn
   */
  int[] encodeChat(List<ChatMessage> messages);

  /**
   * Encodes raw text; adds the tokenizer's own special tokens (such as a beginning-of-sequence
   * token), no template.
   *
   * @return token ids
   */
  int[] encodeText(String text);
}
