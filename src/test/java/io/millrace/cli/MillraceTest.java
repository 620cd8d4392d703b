package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MillraceTest {

  private final StringWriter errors = new StringWriter();
  private final StringWriter output = new StringWriter();

  @Test
  void what_a_user_can_mend_is_a_sentence_and_exit_code_1() {
    assertThat(execute("run", "--config", "no-such-file.yaml")).isEqualTo(1);

    assertThat(errors.toString())
        .startsWith("millrace: no-such-file.yaml: ")
        .doesNotContain("\tat ");
  }

  @Test
  void every_problem_of_a_configuration_is_named(@TempDir Path directory) throws Exception {
    var file = directory.resolve("millrace.yaml");
    Files.writeString(file, "model: {directory: x}\nengine: {slot: 4}\nbatching: {max-wait: soon}");

    assertThat(execute("run", "--config", file.toString())).isEqualTo(1);

    assertThat(errors.toString()).contains("engine.slots?", "batching.max-wait");
  }

  @Test
  void a_model_that_is_not_there_is_named(@TempDir Path directory) {
    var missing = directory.resolve("missing").toString();

    assertThat(execute("models", "inspect", missing)).isEqualTo(1);
    assertThat(errors.toString()).contains(missing).doesNotContain("\tat ");
  }

  @Test
  void wrong_use_is_exit_code_2() {
    assertThat(execute("nonsense")).isEqualTo(2);
    assertThat(execute("demo", "--prompts", "0")).isEqualTo(2);
    assertThat(execute("ask")).isEqualTo(2);
    assertThat(execute("ask", "Hello", "--file", "mine.jsonl")).isEqualTo(2);
    assertThat(execute("ask", "Hello", "--prompts", "3")).isEqualTo(2);
    assertThat(execute("ask", "--file", "mine.jsonl", "--system", "Be kind.")).isEqualTo(2);
    assertThat(execute("ask", "--file", "mine.jsonl", "--prompts", "0")).isEqualTo(2);
    assertThat(execute("models", "random", "huge", "out")).isEqualTo(2);
    assertThat(execute("bench", "load", "model", "--prompt", "many")).isEqualTo(2);
  }

  @Test
  void every_command_explains_itself() {
    var commands = allCommands(Millrace.commandLine());

    assertThat(commands)
        .extracting(CommandLine::getCommandName)
        .contains("demo", "run", "ask", "doctor", "topology", "export", "random", "inspect");
    for (var command : commands) {
      var usage = command.getCommandSpec().usageMessage();
      assertThat(usage.description()).as(command.getCommandName()).isNotEmpty();
      for (var option : command.getCommandSpec().options()) {
        assertThat(option.description())
            .as(command.getCommandName() + " " + option.longestName())
            .isNotEmpty();
      }
    }
  }

  private static List<CommandLine> allCommands(CommandLine command) {
    List<CommandLine> all = new ArrayList<>(List.of(command));
    command.getSubcommands().values().forEach(below -> all.addAll(allCommands(below)));
    return all;
  }

  private int execute(String... arguments) {
    return Millrace.commandLine()
        .setErr(new PrintWriter(errors, true))
        .setOut(new PrintWriter(output, true))
        .execute(arguments);
  }
}
