package io.millrace.cli.models;

import picocli.CommandLine.Command;

/** Groups the commands about model directories. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Makes, inspects and compares model directories; needs no Python and no Kafka.",
    subcommands = {
      ExportCommand.class,
      RandomCommand.class,
      CompareCommand.class,
      InspectCommand.class,
      WarmCommand.class
    })
public final class ModelsCommand {}
