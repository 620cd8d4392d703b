package io.millrace.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code millrace} command; its subcommands do the work. */
@Command(
    name = "millrace",
    description =
        "Language-model inference on Kafka event streams: prompts in, tokens and usage out.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BrokerCommand.class, CommandLine.HelpCommand.class})
public final class Millrace {

  private Millrace() {}

  /**
   * Runs one command and ends the JVM with its exit code: 0 it worked, 1 it did not, 2 it was
   * called wrongly.
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Millrace())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Millrace::explain);
  }

  /**
   * People get a sentence and what to do; only a fault of Millrace itself shows its stack trace.
   */
  private static int explain(
      Exception exception, CommandLine commandLine, CommandLine.ParseResult parsed)
      throws Exception {
    if (exception instanceof CommandException forPeople) {
      var colors = commandLine.getColorScheme();
      commandLine.getErr().println(colors.errorText("millrace: " + forPeople.getMessage()));
      return CommandLine.ExitCode.SOFTWARE;
    }
    throw exception;
  }
}
