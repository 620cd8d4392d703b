package io.millrace.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.runtime.model.ModelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a vocabulary spells bytes, from the {@code decoder} of a {@code tokenizer.json}: byte-level
 * BPE (GPT-2, Llama 3, Qwen), or SentencePiece with its visible space and bytes as {@code <0x0A>}
 * (Llama 2, Mistral, Gemma).
 */
final class TokenSpelling {

  private record Replacement(String pattern, String content) {}

  private final Path file;
  private boolean byteLevel;
  private boolean byteFallback;
  private boolean stripsLeadingSpace;
  private final List<Replacement> replacements = new ArrayList<>();

  private TokenSpelling(Path file) {
    this.file = file;
  }

  /**
   * @throws ModelException if the decoder is of a kind that no generating model is known to use
   */
  static TokenSpelling of(Path file, JsonNode decoder) {
    var spelling = new TokenSpelling(file);
    spelling.add(decoder);
    return spelling;
  }

  private void add(JsonNode decoder) {
    switch (decoder.path("type").asText()) {
      case "Sequence" -> decoder.path("decoders").forEach(this::add);
      case "ByteLevel" -> byteLevel = true;
      case "ByteFallback" -> byteFallback = true;
      case "Fuse" -> {
        // Joins the tokens, which is what becomes of them here anyway.
      }
      case "Replace" -> addReplacement(decoder.path("pattern").path("String"), decoder);
      case "Metaspace" -> addMetaspace(decoder);
      case "Strip" -> addStrip(decoder);
      default -> throw unsupported(decoder);
    }
  }

  private void addReplacement(JsonNode pattern, JsonNode decoder) {
    if (!pattern.isTextual()) {
      throw unsupported(decoder);
    }
    replacements.add(new Replacement(pattern.textValue(), decoder.path("content").asText()));
  }

  private void addMetaspace(JsonNode decoder) {
    replacements.add(new Replacement(decoder.path("replacement").asText("▁"), " "));
    // Older files say add_prefix_space instead; both default to a space in front.
    boolean never =
        decoder.path("prepend_scheme").asText().equals("never")
            || !decoder.path("add_prefix_space").asBoolean(true);
    stripsLeadingSpace = !never;
  }

  private void addStrip(JsonNode decoder) {
    boolean leadingSpace =
        decoder.path("content").asText().equals(" ")
            && decoder.path("start").asInt() == 1
            && decoder.path("stop").asInt() == 0;
    if (!leadingSpace) {
      throw unsupported(decoder);
    }
    stripsLeadingSpace = true;
  }

  private ModelException unsupported(JsonNode decoder) {
    return new ModelException(file + ": decoder " + decoder + " is not supported");
  }

  boolean stripsLeadingSpace() {
    return stripsLeadingSpace;
  }

  byte[] bytes(String token) {
    if (byteLevel) {
      return ByteAlphabet.bytes(token);
    }
    if (byteFallback && token.matches("<0x[0-9A-Fa-f]{2}>")) {
      return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
    }
    String text = token;
    for (var replacement : replacements) {
      text = text.replace(replacement.pattern(), replacement.content());
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
