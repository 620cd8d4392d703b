package io.millrace.cli;

import io.millrace.cli.doctor.Finding;
import io.millrace.cli.doctor.Finding.Absent;
import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.cli.doctor.MachineChecks;
import io.millrace.cli.doctor.NeighbourChecks;
import io.millrace.cli.doctor.ProviderChecks;
import io.millrace.cli.terminal.Terminal;
import io.millrace.cli.terminal.Terminal.Style;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.topology.config.ConfigurationException;
import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks everything that a processor needs, and says how to mend what is broken. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Checks Java, native libraries, execution providers, model, brokers, topics and schema"
          + " registry, and says how to mend what is broken.",
      ""
    },
    footer = {"", "Exit code: 0 if nothing is broken, else 1."})
final class DoctorCommand implements Callable<Integer> {

  private static final String CORRECT = "correct the file or the variable";

  @Mixin private ProcessorOption processor;

  private boolean broken;

  @Override
  public Integer call() throws InterruptedException {
    var terminal = Terminal.ofStandardOutput();
    show(terminal, MachineChecks.java());
    show(terminal, MachineChecks.onnxRuntime());
    show(terminal, MachineChecks.rocksDb());
    if (processor.isNamed()) {
      checkProcessor(terminal);
    } else {
      ProviderChecks.run(ProviderSettings.FASTEST).forEach(finding -> show(terminal, finding));
      checkDemoModel(terminal);
      terminal
          .out()
          .println("Brokers, topics and registry are checked if named: --config or --bootstrap.");
    }
    return broken ? 1 : 0;
  }

  private void checkProcessor(Terminal terminal) throws InterruptedException {
    for (var mistyped : MistypedVariables.in(System.getenv().keySet())) {
      show(terminal, new Doubtful("environment", mistyped));
    }
    try {
      var configuration = processor.configuration();
      if (processor.find().isPresent()) {
        checkModel(terminal, configuration);
      }
      for (var finding : new NeighbourChecks(configuration).run()) {
        show(terminal, finding);
      }
    } catch (ConfigurationException e) {
      for (var problem : e.problems()) {
        show(terminal, new Broken("configuration", problem, CORRECT));
      }
    } catch (CommandException e) {
      show(terminal, new Broken("configuration", String.valueOf(e.getMessage()), CORRECT));
    }
  }

  private void checkModel(Terminal terminal, MillraceConfiguration configuration) {
    var directory = Path.of(configuration.model().directory());
    var provider = ConfiguredEngine.provider(configuration.engine());
    var providers = ProviderChecks.run(provider);
    providers.forEach(finding -> show(terminal, finding));
    boolean loadable = providers.stream().noneMatch(Broken.class::isInstance);
    show(
        terminal,
        loadable
            ? MachineChecks.model(directory, provider)
            : MachineChecks.unloadedModel(directory, provider, "no wanted provider can be used"));
  }

  private void checkDemoModel(Terminal terminal) {
    try {
      show(terminal, MachineChecks.model(new Installation().demoModel()));
    } catch (CommandException e) {
      show(terminal, new Doubtful("demo model", String.valueOf(e.getMessage())));
    }
  }

  private void show(Terminal terminal, Finding finding) {
    var mark =
        switch (finding) {
          case Fine _ -> terminal.styled(Style.GREEN, "ok  ");
          case Absent _ -> terminal.styled(Style.FAINT, "none");
          case Doubtful _ -> terminal.styled(Style.CYAN, "warn");
          case Broken _ -> terminal.styled(Style.RED, "FAIL");
        };
    var out = terminal.out();
    out.printf("%s  %-16s %s%n", mark, finding.subject(), finding.detail());
    if (finding instanceof Broken(_, _, var remedy)) {
      broken = true;
      out.printf("%24s%s%n", "", "to mend: " + remedy);
    }
    out.flush();
  }
}
