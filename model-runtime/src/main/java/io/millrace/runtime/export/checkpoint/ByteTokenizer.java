package io.millrace.runtime.export.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Hugging Face tokenizer without training: one token per byte, ChatML, and made-up words that
 * fill the vocabulary of a model, so that every token it samples is some text.
 */
final class ByteTokenizer {

  static final int END_OF_TEXT = 0;
  static final int MESSAGE_START = 1;
  static final int MESSAGE_END = 2;

  /** Special tokens and bytes. */
  static final int SMALLEST_VOCABULARY = 3 + 256;

  private static final String[] SPECIAL = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};

  private static final String CHAT_TEMPLATE =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n'"
          + " + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

  private static final ObjectMapper JSON = new ObjectMapper();

  private ByteTokenizer() {}

  /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
  static void write(Path directory, int vocabularySize, int contextLength) throws IOException {
    ObjectNode tokenizer = JSON.createObjectNode();
    tokenizer.put("version", "1.0");
    ArrayNode addedTokens = tokenizer.putArray("added_tokens");
    for (int id = 0; id < SPECIAL.length; id++) {
      addSpecialToken(addedTokens.addObject(), id);
    }
    byteLevel(tokenizer.putObject("pre_tokenizer"));
    byteLevel(tokenizer.putObject("decoder"));
    ObjectNode model = tokenizer.putObject("model");
    model.put("type", "BPE");
    vocabulary(model.putObject("vocab"), vocabularySize);
    model.putArray("merges");
    JSON.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer);

    ObjectNode config = JSON.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("eos_token", SPECIAL[MESSAGE_END]);
    config.put("pad_token", SPECIAL[END_OF_TEXT]);
    config.put("model_max_length", contextLength);
    config.put("chat_template", CHAT_TEMPLATE);
    Files.writeString(
        directory.resolve("tokenizer_config.json"), JSON.writeValueAsString(config) + "\n");
  }

  private static void addSpecialToken(ObjectNode token, int id) {
    token.put("id", id);
    token.put("content", SPECIAL[id]);
    token.put("single_word", false);
    token.put("lstrip", false);
    token.put("rstrip", false);
    token.put("normalized", false);
    token.put("special", true);
  }

  private static void byteLevel(ObjectNode component) {
    component.put("type", "ByteLevel");
    component.put("add_prefix_space", false);
    component.put("trim_offsets", true);
    component.put("use_regex", false);
  }

  private static void vocabulary(ObjectNode vocabulary, int size) {
    for (int id = 0; id < SPECIAL.length; id++) {
      vocabulary.put(SPECIAL[id], id);
    }
    for (int value = 0; value < 256; value++) {
      vocabulary.put(Character.toString(printable(value)), SPECIAL.length + value);
    }
    for (int id = SMALLEST_VOCABULARY; id < size; id++) {
      vocabulary.put(word(id - SMALLEST_VOCABULARY), id);
    }
  }

  /** GPT-2's {@code bytes_to_unicode}: bytes without a printable Latin-1 character move up. */
  private static char printable(int value) {
    boolean isPrintable =
        (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
    if (isPrintable) {
      return (char) value;
    }
    int moved = value <= ' ' ? value : value == 0xAD ? 67 : value - 0x7F + 33;
    return (char) (256 + moved);
  }

  /** A space and a word of its own, of at least three letters. */
  private static String word(int number) {
    StringBuilder letters = new StringBuilder();
    int rest = number;
    while (rest > 0 || letters.length() < 3) {
      letters.append((char) ('a' + rest % 26));
      rest /= 26;
    }
    return printable(' ') + letters.reverse().toString();
  }
}
