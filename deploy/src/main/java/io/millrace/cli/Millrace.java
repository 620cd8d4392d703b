package io.millrace.cli;

import io.millrace.cli.bench.BenchCommand;
import io.millrace.cli.errors.ErrorsCommand;
import io.millrace.cli.models.ModelsCommand;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.comparison.ComparisonException;
import io.millrace.runtime.model.ModelException;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.schemas.registry.SchemaRegistryException;
import io.millrace.topology.BrokerLimits.UnsafeTopicsException;
import io.millrace.topology.TopicCheck.MissingTopicsException;
import io.millrace.topology.TopicCheck.PartitionMismatchException;
import io.millrace.topology.access.BrokerRefusals;
import io.millrace.topology.access.MissingAccessException;
import io.millrace.topology.config.ConfigurationException;
import org.apache.kafka.common.KafkaException;
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
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      AskCommand.class,
      VerifyCommand.class,
      ErrorsCommand.class,
      DoctorCommand.class,
      TopologyCommand.class,
      ModelsCommand.class,
      BenchCommand.class,
      BrokerCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Millrace {

  private static final int HELP_COLUMNS = 96;

  private Millrace() {}

  /**
   * Runs one command and ends the JVM with its exit code: 0 it worked, 1 it did not, 2 it was
   * called wrongly.
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    GeneratedClasses.trust();
    return new CommandLine(new Millrace())
        .setUsageHelpWidth(HELP_COLUMNS)
        .setExecutionExceptionHandler(Millrace::explain);
  }

  /**
   * People get a sentence and what to do; only a fault of Millrace itself shows its stack trace.
   */
  private static int explain(
      Exception exception, CommandLine commandLine, CommandLine.ParseResult parsed)
      throws Exception {
    if (!isForPeople(exception)) {
      throw exception;
    }
    var colors = commandLine.getColorScheme();
    commandLine.getErr().println(colors.errorText("millrace: " + sentence(exception)));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String sentence(Exception exception) {
    return BrokerRefusals.explain(exception).orElseGet(() -> message(exception));
  }

  /** Kafka's own say what could not be made, and their cause says why. */
  private static String message(Exception exception) {
    var cause = exception instanceof KafkaException ? exception.getCause() : null;
    return cause == null || cause.getMessage() == null
        ? String.valueOf(exception.getMessage())
        : exception.getMessage() + ": " + cause.getMessage();
  }

  private static boolean isForPeople(Exception exception) {
    return switch (exception) {
      case CommandException _ -> true;
      case ConfigurationException _ -> true;
      case MissingAccessException _ -> true;
      case MissingTopicsException _ -> true;
      case PartitionMismatchException _ -> true;
      case UnsafeTopicsException _ -> true;
      case ModelException _ -> true;
      case CheckpointException _ -> true;
      case ComparisonException _ -> true;
      case SchemaRegistryException _ -> true;
      case KafkaException _ -> true;
      default -> false;
    };
  }
}
