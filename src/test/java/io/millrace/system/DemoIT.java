package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo, started as a user starts it. */
class DemoIT {

  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final long MOST_RESIDENT_BYTES = 1536L << 20;

  @TempDir private Path directory;

  @Test
  void answers_every_prompt_and_says_so_in_one_line_of_json() throws Exception {
    try (var demo = MillraceJvm.launch(directory, "demo", "demo", "--prompts", "8", "--json")) {
      assertThat(demo.exitCode(WITHIN)).as(demo.errors()).isZero();

      assertThat(demo.output().lines()).hasSize(1);
      var summary = json(demo.output());
      assertThat(summary.get("prompts").intValue()).isEqualTo(8);
      assertThat(summary.get("completions").intValue()).isEqualTo(8);
      assertThat(summary.get("terminal_events").intValue()).isEqualTo(8);
      assertThat(summary.get("usage_records").intValue()).isEqualTo(8);
      assertThat(summary.at("/statuses/completed").intValue()).isEqualTo(8);
      assertThat(summary.get("tokens").intValue()).isPositive();
      assertThat(summary.get("cost_micros").intValue()).isPositive();
      assertThat(summary.at("/time_to_first_token_ms/p99").doubleValue()).isPositive();
      assertThat(summary.get("peak_rss_bytes").longValue()).isLessThan(MOST_RESIDENT_BYTES);
      assertThat(demo.errors()).contains("[8/8] ").doesNotContain("Exception");
    }
  }

  @Test
  void stays_up_for_ask_and_doctor_until_it_is_told_to_stop() throws Exception {
    var kept = directory.resolve("millrace").resolve("demo.yaml");
    try (var demo = MillraceJvm.launch(directory, "kept", "demo", "--prompts", "1", "--keep")) {
      demo.awaitStart(() -> Files.exists(kept));

      try (var ask = MillraceJvm.launch(directory, "ask", "ask", "I forgot my password")) {
        assertThat(ask.exitCode(WITHIN)).as(ask.errors()).isZero();
        assertThat(ask.output()).isNotBlank();
        assertThat(ask.errors()).contains("tokens, the first after");
      }
      try (var ask = MillraceJvm.launch(directory, "ask-json", "ask", "--json", "Thank you!")) {
        assertThat(ask.exitCode(WITHIN)).as(ask.errors()).isZero();
        var answer = json(ask.output());
        assertThat(answer.at("/completion/status").textValue()).isEqualTo("completed");
        assertThat(answer.at("/usage/completion_tokens").intValue()).isPositive();
      }
      var file = directory.resolve("mine.jsonl");
      Files.writeString(
          file, "{\"messages\": [{\"role\": \"user\", \"content\": \"Thank you!\"}]}");
      try (var ask =
          MillraceJvm.launch(
              directory, "load", "ask", "--file", file.toString(), "--prompts", "30", "--json")) {
        assertThat(ask.exitCode(WITHIN)).as(ask.errors()).isZero();
        var summary = json(ask.output());
        assertThat(summary.get("prompts").intValue()).isEqualTo(30);
        assertThat(summary.get("completions").intValue()).isEqualTo(30);
      }
      try (var doctor = MillraceJvm.launch(directory, "doctor", "doctor")) {
        assertThat(doctor.exitCode(WITHIN)).as(doctor.output()).isZero();
        assertThat(doctor.output())
            .contains("ok    brokers", "ok    topics", "ok    schema registry", "ok    model");
      }

      demo.terminate();
      assertThat(kept).doesNotExist();
      assertThat(demo.errors()).isEmpty();
    }
  }

  private static JsonNode json(String line) throws IOException {
    return new ObjectMapper().readTree(line);
  }
}
