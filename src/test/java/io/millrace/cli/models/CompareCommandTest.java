package io.millrace.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompareCommandTest {

  @Test
  void a_program_can_read_that_a_model_agrees_with_itself(@TempDir Path directory)
      throws Exception {
    var model = directory.resolve("model").toString();
    var dialogues = directory.resolve("dialogues.jsonl");
    Files.writeString(
        dialogues,
        """
        {"messages": [{"role": "user", "content": "Hi"}], "reference": "Hello"}
        """);
    output("random", "tiny", model, "--precision", "fp32");

    var report =
        new ObjectMapper()
            .readTree(
                output("compare", model, model, "--dialogues", dialogues.toString(), "--json"));

    assertThat(report.get("dialogues").asInt()).isEqualTo(1);
    assertThat(report.get("tokens").asInt()).isPositive();
    assertThat(report.get("greedy_agreement").asDouble()).isEqualTo(1);
    assertThat(report.get("mean_logits_error").asDouble()).isZero();
    assertThat(report.get("largest_logits_error").asDouble()).isZero();
    assertThat(report.get("perplexity")).isEqualTo(report.get("reference_perplexity"));
  }

  /** What a command writes to standard output. */
  private static String output(String... arguments) {
    var standard = System.out;
    var written = new ByteArrayOutputStream();
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      assertThat(new CommandLine(new ModelsCommand()).execute(arguments)).isZero();
    } finally {
      System.setOut(standard);
    }
    return written.toString(StandardCharsets.UTF_8);
  }
}
