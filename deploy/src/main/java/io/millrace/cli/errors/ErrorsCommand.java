package io.millrace.cli.errors;

import picocli.CommandLine.Command;

/** Dead letters: what a processor could not take on, or failed by. */
@Command(
    name = "errors",
    mixinStandardHelpOptions = true,
    description = "Looks at dead letters and sends their records again.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ListCommand.class, ShowCommand.class, RetryCommand.class})
public final class ErrorsCommand {}
