package io.millrace.cli.bench;

import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures parts of Millrace. On a quiet machine, or the figures mean little.",
    subcommands = {
      EngineCommand.class,
      LoadCommand.class,
      AdmissionCommand.class,
      SoakCommand.class,
      LatencyCommand.class,
      PipelineCommand.class,
      SpeculationCommand.class
    })
public final class BenchCommand {}
