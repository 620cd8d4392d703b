package io.millrace.runtime.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

  /** SentencePiece as in Llama 2: a visible space, unknown bytes spelled out. */
  private static final String SENTENCE_PIECE =
      """
      {
        "version": "1.0",
        "added_tokens": [
          {"id": 0, "content": "<unk>", "special": true, "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false},
          {"id": 1, "content": "<s>", "special": true, "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false},
          {"id": 11, "content": "[TOOL]", "special": false, "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false}
        ],
        "normalizer": {"type": "Sequence", "normalizers": [
          {"type": "Prepend", "prepend": "▁"},
          {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
          "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
        "decoder": {"type": "Sequence", "decoders": [
          {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
          {"type": "ByteFallback"}, {"type": "Fuse"},
          {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
          "vocab": {"<unk>": 0, "<s>": 1, "▁": 2, "a": 3, "b": 4, "▁a": 5, "<0xF0>": 6,
                    "<0x9F>": 7, "<0x9A>": 8, "<0x80>": 9, "▁b": 10},
          "merges": ["▁ a", "▁ b"]}
      }
      """;

  @TempDir private Path directory;

  private Tokenizer sentencePiece() throws IOException {
    return Tokenizer.load(Files.writeString(directory.resolve("t.json"), SENTENCE_PIECE));
  }

  private static String assembled(Tokenizer tokenizer, int... tokens) {
    var assembler = new TextAssembler(tokenizer.vocabulary(), List.of());
    var text = new StringBuilder();
    for (int token : tokens) {
      text.append(assembler.add(token));
    }
    return text.append(assembler.finish()).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Order 42, please!", " two  spaces ", "naïve 🚚 €5\n\ttab", "日本語", "<|im_end|>x"})
  void byteLevelTextIsPutTogetherAsTheTokenizerDecodesIt(String text) {
    var model = TinyModels.export(directory, Precision.FP32);
    try (var tokenizer = Tokenizer.load(model.resolve("tokenizer.json"))) {
      int[] tokens = tokenizer.encode(text, false);
      assertThat(assembled(tokenizer, tokens)).isEqualTo(tokenizer.decode(tokens));
      if (!text.contains("<|")) {
        assertThat(assembled(tokenizer, tokens)).isEqualTo(text);
      }
    }
  }

  @Test
  void sentencePieceTextIsPutTogetherAsTheTokenizerDecodesIt() throws IOException {
    try (var tokenizer = sentencePiece()) {
      int[][] samples = {{5, 10, 3}, {2, 3}, {1, 5, 11, 3}, {5, 6, 7, 8, 9, 10}, {10, 1, 5}};
      for (int[] tokens : samples) {
        assertThat(assembled(tokenizer, tokens)).isEqualTo(tokenizer.decode(tokens));
      }
      assertThat(assembled(tokenizer, 5, 6, 7, 8, 9, 10)).isEqualTo("a\ud83d\ude80 b");
    }
  }

  @Test
  void specialTokensAreAddedOnlyWhenAskedForAndReadAlways() throws IOException {
    try (var tokenizer = sentencePiece()) {
      assertThat(tokenizer.encode("a b", true)).containsExactly(1, 5, 10);
      assertThat(tokenizer.encode("a b", false)).containsExactly(5, 10);
      assertThat(tokenizer.encode("<s>a", false)).startsWith(1);
    }
  }

  @Test
  void longTextIsNotCut() throws IOException {
    try (var tokenizer = sentencePiece()) {
      assertThat(tokenizer.encode("a ".repeat(5_000).strip(), false)).hasSize(5_000);
    }
  }

  @Test
  void refusesADecoderItDoesNotKnow() throws IOException {
    var file =
        Files.writeString(
            directory.resolve("t.json"), SENTENCE_PIECE.replace("\"Fuse\"", "\"WordPiece\""));
    assertThatThrownBy(() -> Tokenizer.load(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("WordPiece");
  }
}
