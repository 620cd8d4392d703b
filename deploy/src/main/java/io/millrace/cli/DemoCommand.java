package io.millrace.cli;

import io.millrace.cli.reply.Clients;
import io.millrace.cli.reply.PromptSender;
import io.millrace.cli.reply.ReplyFollower;
import io.millrace.cli.reply.ReplySummary;
import io.millrace.cli.terminal.ReplyView;
import io.millrace.cli.terminal.Terminal;
import io.millrace.cli.terminal.Terminal.Style;
import io.millrace.events.Prompt;
import io.millrace.monitoring.ProcessMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the whole way of a prompt on one machine, with nothing installed but Java. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a Kafka broker, a schema registry and a processor in this process, sends customer"
          + " messages, and shows the replies as their tokens arrive.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 if every prompt was completed and has its usage record, else 1.",
      "",
      "Examples:",
      "  millrace demo                     40 messages, then a table",
      "  millrace demo --prompts 200       more of them",
      "  millrace demo --file mine.jsonl   your own, an OpenAI request body on each line",
      "  millrace demo --keep              stay up for: millrace ask \"Where is my order?\""
    })
final class DemoCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int DEMO_PROMPTS = 40;
  private static final String DEMO_MODEL = "demo";

  @Spec private CommandSpec spec;

  @Option(
      names = "--prompts",
      paramLabel = "N",
      description =
          "How many to send; a shorter file is sent over again. Default: the whole file once,"
              + " without --file the first 40.")
  private Optional<Integer> prompts;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Prompts to send instead of the demo's: OpenAI request bodies, one a line.")
  private Optional<Path> file;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A model directory to use instead of the demo model.")
  private Optional<Path> model;

  @Option(
      names = "--json",
      description =
          "Writes one line of JSON to standard output at the end; all else to standard error.")
  private boolean json;

  @Option(names = "--keep", description = "Stays up afterwards, until it is stopped by Ctrl-C.")
  private boolean keep;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (prompts.isPresent() && prompts.get() < 1) {
      throw new ParameterException(spec.commandLine(), "--prompts must be 1 or more");
    }
    var home = new Installation();
    var source = PromptFile.read(file.orElseGet(home::demoPrompts));
    int count = prompts.orElse(file.isPresent() ? source.size() : DEMO_PROMPTS);
    var batch = PromptBatch.of(source, count, "demo");
    var terminal = json ? Terminal.ofStandardOutput().on(System.err) : Terminal.ofStandardOutput();
    try (var signal = new StopSignal()) {
      say(terminal, "Starting a broker, a schema registry and the model …");
      int code = run(terminal, home, batch, signal);
      signal.endWith(code);
      return code;
    }
  }

  private int run(Terminal terminal, Installation home, List<Prompt> batch, StopSignal signal)
      throws IOException, InterruptedException {
    var directory = model.orElseGet(home::demoModel);
    var name = model.isPresent() ? String.valueOf(directory.getFileName()) : DEMO_MODEL;
    try (var system = DemoSystem.start(directory, name)) {
      var report = show(terminal, system, batch, signal);
      System.out.println(json ? report.json() : report.table(terminal));
      System.out.flush();
      if (keep && !signal.isTold()) {
        stayUp(terminal, system, signal);
      }
      return report.replies().isComplete() ? 0 : 1;
    }
  }

  private DemoReport show(
      Terminal terminal, DemoSystem system, List<Prompt> batch, StopSignal signal)
      throws InterruptedException {
    var clients = new Clients(system.configuration(), PATIENCE);
    try (var follower = new ReplyFollower(clients);
        var sender = new PromptSender(clients);
        var view = ReplyView.on(terminal, batch.size())) {
      var ready = sinceStart();
      say(
          terminal,
          "Ready after %.1f s: Kafka at %s, registry at %s, model %s."
              .formatted(
                  ready.toMillis() / 1e3,
                  system.bootstrapServers(),
                  system.registryUrl(),
                  system.model().name()));
      say(terminal, "");
      var run = new PromptRun(sender, follower, view, PATIENCE, signal::isTold);
      run.run(batch);
      return new DemoReport(
          system.model().name(),
          ready,
          run.firstTokenNanos().isPresent()
              ? sinceStart(run.firstTokenNanos().getAsLong())
              : Duration.ZERO,
          sinceStart(),
          ReplySummary.of(run.replies()),
          ProcessMemory.peakResidentBytes());
    }
  }

  private void stayUp(Terminal terminal, DemoSystem system, StopSignal signal)
      throws InterruptedException {
    var kept = new KeptDemo(System.getenv());
    kept.write(system.yaml());
    try {
      say(terminal, "Staying up until Ctrl-C. In another terminal:");
      say(terminal, "  millrace ask \"Where is my order 48213?\"");
      say(terminal, "Its configuration, for your own clients, is in " + kept.file());
      signal.await();
    } finally {
      kept.delete();
    }
  }

  private static void say(Terminal terminal, String line) {
    terminal.out().println(terminal.styled(Style.FAINT, line));
  }

  private static Duration sinceStart() {
    return sinceStart(System.nanoTime());
  }

  private static Duration sinceStart(long nanos) {
    long age = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    return Duration.ofMillis(age).minusNanos(System.nanoTime() - nanos);
  }
}
