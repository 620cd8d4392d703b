package io.millrace.runtime.export.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceCheckpointTest {

  @TempDir Path directory;

  @Test
  void readsAllThreeElementTypes() throws IOException {
    files()
        .with("single", List.of(3), 1.5f, -2f, 1e-30f)
        .withBits("half", "F16", List.of(3), 0x3E00, 0xC000, 0x0001)
        .withBits("brain", "BF16", List.of(3), 0x3FC0, 0xC000, 0x7F00)
        .write("model.safetensors");

    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      assertThat(checkpoint.vector("single", 3)).containsExactly(1.5f, -2f, 1e-30f);
      assertThat(checkpoint.vector("half", 3)).containsExactly(1.5f, -2f, 0x1p-24f);
      assertThat(checkpoint.vector("brain", 3)).containsExactly(1.5f, -2f, 0x1p127f);
    }
  }

  @Test
  void readsTheRowsOfAMatrix() throws IOException {
    files().with("matrix", List.of(2, 3), 1, 2, 3, 4, 5, 6).write("model.safetensors");

    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      float[] row = new float[3];
      checkpoint.matrix("matrix", 2, 3).readRow(1, row);

      assertThat(row).containsExactly(4, 5, 6);
    }
  }

  @Test
  void findsTensorsInTheirShards() throws IOException {
    files()
        .with("first", List.of(1), 1)
        .write("model-00001-of-00002.safetensors")
        .with("second", List.of(1), 2)
        .write("model-00002-of-00002.safetensors");
    index("model-00002-of-00002.safetensors");

    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      assertThat(checkpoint.vector("first", 1)).containsExactly(1);
      assertThat(checkpoint.vector("second", 1)).containsExactly(2);
    }
  }

  @Test
  void namesAShardThatIsMissing() throws IOException {
    files().with("first", List.of(1), 1).write("model-00001-of-00002.safetensors");
    index("model-00003-of-00003.safetensors");

    refusal().withMessageContaining("names model-00003-of-00003.safetensors, which is missing");
  }

  @Test
  void namesATensorThatIsMissing() throws IOException {
    files().write("model.safetensors");

    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> checkpoint.vector("model.norm.weight", 8))
          .withMessageContaining("tensor model.norm.weight is missing");
    }
  }

  @Test
  void namesATensorOfAnotherShape() throws IOException {
    files().with("matrix", List.of(2, 3), 1, 2, 3, 4, 5, 6).write("model.safetensors");

    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> checkpoint.matrix("matrix", 3, 2))
          .withMessage("tensor matrix has shape [2, 3], config.json asks for [3, 2]");
    }
  }

  @Test
  void noticesAFileThatWasCutOff() throws IOException {
    files().with("vector", List.of(4), 1, 2, 3, 4).write("model.safetensors");
    Path file = directory.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    refusal().withMessageContaining("tensor vector does not have the bytes of its shape");
    Files.write(file, Arrays.copyOf(whole, 20));
    refusal().withMessageContaining("its header does not fit into the file");
    Files.write(file, new byte[3]);
    refusal().withMessageContaining("its header does not fit into the file");
  }

  @Test
  void noticesAHeaderThatIsNotJson() throws IOException {
    files();
    Files.write(
        directory.resolve("model.safetensors"), new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '!'});

    refusal().withMessageContaining("its header is not JSON");
  }

  @Test
  void namesTheFilesThatAreMissing() throws IOException {
    refusal().withMessageContaining("config.json is missing");

    files();
    refusal().withMessageContaining("neither model.safetensors nor model.safetensors.index.json");

    files().write("model.safetensors");
    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> checkpoint.writeTokenizer(directory))
          .withMessageContaining("has no tokenizer.json");
    }
  }

  @Test
  void copiesTheTokenizerAndItsChatTemplate(@TempDir Path target) throws IOException {
    files().write("model.safetensors");
    Files.writeString(directory.resolve("tokenizer.json"), "{}");
    Files.writeString(directory.resolve("chat_template.jinja"), "{{ messages }}");

    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(directory)) {
      checkpoint.writeTokenizer(target);
    }

    assertThat(target.resolve("tokenizer.json")).hasContent("{}");
    assertThat(target.resolve("chat_template.jinja")).hasContent("{{ messages }}");
    assertThat(target.resolve("config.json")).doesNotExist();
  }

  private CheckpointFiles files() throws IOException {
    return new CheckpointFiles(directory).withConfig(CheckpointFiles.config());
  }

  private void index(String secondShard) throws IOException {
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        """
        {"weight_map": {"first": "model-00001-of-00002.safetensors", "second": "%s"}}
        """
            .formatted(secondShard));
  }

  private ThrowableAssertAlternative<CheckpointException> refusal() {
    return assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> HuggingFaceCheckpoint.open(directory).close());
  }
}
