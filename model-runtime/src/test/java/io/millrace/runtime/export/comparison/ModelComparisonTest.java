package io.millrace.runtime.export.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.prompt.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelComparisonTest {

  /** More than run at once, of different lengths. */
  private static final List<Dialogue> DIALOGUES =
      IntStream.range(0, 20)
          .mapToObj(
              i -> new Dialogue(List.of(new ChatMessage("user", "Hi " + i)), "Yes".repeat(i % 5)))
          .toList();

  @TempDir Path directory;

  @Test
  void aModelAgreesWithItself() throws IOException {
    Path model = export(Precision.FP32, 1, 2048);

    ComparisonReport report = ModelComparison.compare(model, model, DIALOGUES, _ -> {});

    assertThat(report.dialogues()).isEqualTo(20);
    assertThat(report.tokens())
        .as("with an end token each")
        .isEqualTo(20 + 4 * 3 * (1 + 2 + 3 + 4));
    assertThat(report.greedyAgreement()).isEqualTo(1);
    assertThat(report.perplexityIncrease()).isZero();
  }

  /** Untrained, a model finds every one of its 512 tokens about as likely. */
  @Test
  void anUntrainedModelIsAsPerplexedAsItsVocabularyIsLarge() throws IOException {
    Path model = export(Precision.FP32, 1, 2048);

    ComparisonReport report = ModelComparison.compare(model, model, DIALOGUES, _ -> {});

    assertThat(report.referencePerplexity()).isBetween(256.0, 2048.0);
  }

  @Test
  void aRoundedModelIsNearerThanAnother() throws IOException {
    Path reference = export(Precision.FP32, 1, 2048);

    ComparisonReport rounded =
        ModelComparison.compare(reference, export(Precision.INT8, 1, 2048), DIALOGUES, _ -> {});
    ComparisonReport another =
        ModelComparison.compare(reference, export(Precision.FP32, 2, 2048), DIALOGUES, _ -> {});

    assertThat(rounded.greedyAgreement()).isGreaterThan(0.9);
    assertThat(rounded.perplexityIncrease()).isCloseTo(0, within(0.05));
    assertThat(another.greedyAgreement()).isLessThan(0.5);
  }

  @Test
  void tellsHowManyDialoguesAreDone() throws IOException {
    Path model = export(Precision.INT4, 1, 2048);
    List<Integer> heard = new ArrayList<>();

    ModelComparison.compare(model, model, DIALOGUES, heard::add);

    assertThat(heard).containsExactly(16, 20);
  }

  @Test
  void refusesADialogueThatDoesNotFit() throws IOException {
    Path model = export(Precision.INT8, 1, 16);

    assertThatExceptionOfType(ComparisonException.class)
        .isThrownBy(() -> ModelComparison.compare(model, model, DIALOGUES, _ -> {}))
        .withMessageMatching("a dialogue has \\d+ tokens, the models take 16");
  }

  @Test
  void readsDialoguesWithTheirReplyInEitherPlace() throws IOException {
    Path file = directory.resolve("dialogues.jsonl");
    Files.writeString(
        file,
        """
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}

        {"messages": [{"role": "user", "content": "a"}], "reference": "c"}
        """);

    List<ChatMessage> prompt = List.of(new ChatMessage("user", "a"));
    assertThat(DialogueFile.read(file))
        .containsExactly(new Dialogue(prompt, "b"), new Dialogue(prompt, "c"));
  }

  @Test
  void namesTheLineThatIsNoDialogue() throws IOException {
    assertRefused("{\n", "line 1: not JSON");
    assertRefused("\n{}\n", "line 2: needs messages");
    assertRefused("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}", "line 1: needs");
    assertRefused("\n", "holds no dialogue");
  }

  private void assertRefused(String content, String reason) throws IOException {
    Path file = directory.resolve("dialogues.jsonl");
    Files.writeString(file, content);
    assertThatExceptionOfType(ComparisonException.class)
        .isThrownBy(() -> DialogueFile.read(file))
        .withMessageContaining(reason);
  }

  private Path export(Precision precision, long seed, int contextLength) throws IOException {
    Path model = directory.resolve(precision.label() + seed);
    try (RandomCheckpoint checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), seed)) {
      ModelExporter.export(
          checkpoint,
          new ExportRequest(model, precision, OptionalInt.of(contextLength)),
          ExportListener.SILENT);
    }
    return model;
  }
}
