package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFileTest {

  @TempDir private Path directory;

  @Test
  void reads_a_prompt_from_each_line_that_holds_one() throws IOException {
    var file =
        file(
            """
            {"messages": [{"role": "user", "content": "first"}]}

            {"messages": [{"role": "user", "content": "second"}], "max_tokens": 5}
            """);

    var prompts = PromptFile.read(file);

    assertThat(prompts).hasSize(2);
    assertThat(prompts.getFirst().getMessages().getFirst().getContent()).isEqualTo("first");
    assertThat(prompts.getLast().getSampling().getMaxCompletionTokens()).isEqualTo(5);
  }

  @Test
  void names_the_line_that_is_no_prompt() throws IOException {
    var file = file("{\"messages\": []}\n{\"messages\": 5}");

    assertThatThrownBy(() -> PromptFile.read(file))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void refuses_a_file_without_prompts_or_that_is_not_there() throws IOException {
    var empty = file("\n\n");

    assertThatThrownBy(() -> PromptFile.read(empty))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("no prompts");
    assertThatThrownBy(() -> PromptFile.read(directory.resolve("missing")))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void reads_the_prompts_of_the_demo() {
    var prompts =
        PromptFile.read(
            Path.of(System.getProperty("basedir", "deploy"))
                .resolve("../model-runtime/demo-model/demo-prompts.jsonl"));

    assertThat(prompts).hasSizeGreaterThanOrEqualTo(40);
  }

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("prompts.jsonl"), content);
  }
}
