package io.millrace.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.session.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDirectoryTest {

  @TempDir private Path parent;

  private Path model;

  @BeforeEach
  void export() {
    model = TinyModels.export(parent, Precision.FP32);
  }

  private void edit(String file, String from, String to) throws IOException {
    var path = model.resolve(file);
    var text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replace(from, to));
  }

  @Test
  void readsWhatTheConventionSays() {
    var config = ModelDirectory.load(model).config();
    assertThat(config.architecture()).isEqualTo("llama");
    assertThat(config.layers()).isEqualTo(2);
    assertThat(config.keyValueHeads()).isEqualTo(2);
    assertThat(config.headSize()).isEqualTo(16);
    assertThat(config.vocabularySize()).isEqualTo(512);
    assertThat(config.names().pastKey()).isEqualTo("past_key_values.%d.key");
    assertThat(config.names().positionIds()).isEmpty();
  }

  @Test
  void passesOnWhatTheModelAsksOfItsSession() throws IOException {
    edit(
        "genai_config.json",
        "\"provider_options\"",
        "\"session.set_denormal_as_zero\" : \"1\", \"provider_options\"");
    assertThat(ModelDirectory.load(model).config().sessionEntries())
        .containsEntry("session.set_denormal_as_zero", "1");
  }

  @Test
  void takesSeveralEndTokens() throws IOException {
    int end = ModelDirectory.load(model).config().endTokens().iterator().next();
    edit("genai_config.json", "\"eos_token_id\" : " + end, "\"eos_token_id\" : [5, 7]");
    assertThat(ModelDirectory.load(model).config().endTokens()).containsExactlyInAnyOrder(5, 7);
  }

  @Test
  void theHashIsOfTheContentAndNotOfTheName() throws IOException {
    var hash = ModelDirectory.load(model).hash();
    var moved = Files.move(model, parent.resolve("other"));
    assertThat(ModelDirectory.load(moved).hash()).isEqualTo(hash);
    Files.createDirectories(moved.resolve(".cache/download"));
    Files.writeString(moved.resolve(".cache/download/model.metadata"), "downloaded today");
    assertThat(ModelDirectory.load(moved).hash()).isEqualTo(hash);
    Files.writeString(moved.resolve("tokenizer_config.json"), "{}");
    assertThat(ModelDirectory.load(moved).hash()).isNotEqualTo(hash);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "type"           | "kind"      | model.type must be a string; it is missing
          "context_length" | "context"   | model.context_length must be an integer
          "eos_token_id"   | "end"       | model.eos_token_id must be a token id
          "head_size"      | "head"      | model.decoder.head_size must be an integer
          "past_key_values.%d.key" | "past" | past_key_names must have %d
          "filename"       | "file"      | model.decoder.filename must be a string
          """)
  void namesFileAndKeyOfWhatIsWrong(String from, String to, String message) throws IOException {
    edit("genai_config.json", from, to);
    assertThatThrownBy(() -> ModelDirectory.load(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("genai_config.json")
        .hasMessageContaining(message);
  }

  @Test
  void refusesWhatIsNoModel() throws IOException {
    assertThatThrownBy(() -> ModelDirectory.load(parent.resolve("nowhere")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no such directory");
    assertThatThrownBy(() -> ModelDirectory.load(parent))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("genai_config.json");
    Files.delete(model.resolve("tokenizer.json"));
    assertThatThrownBy(() -> ModelDirectory.load(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void refusesAGraphThatIsCutShortOrOfAnotherLayout() throws IOException {
    byte[] graph = Files.readAllBytes(model.resolve("model.onnx"));
    Files.write(model.resolve("model.onnx"), Arrays.copyOf(graph, graph.length / 2));
    assertThatThrownBy(() -> ModelDirectory.load(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("cut short");
    Files.write(model.resolve("model.onnx"), graph);
    edit("genai_config.json", "\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 3");
    assertThatThrownBy(() -> ModelDirectory.load(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("GroupQueryAttention");
  }

  @Test
  void refusesASlidingWindow() throws IOException {
    edit("genai_config.json", "\"filename\"", "\"sliding_window\" : {\"size\": 4}, \"filename\"");
    assertThatThrownBy(() -> ModelDirectory.load(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("sliding_window");
  }
}
