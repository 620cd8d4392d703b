package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.cli.reply.Clients;
import io.millrace.cli.reply.PromptSender;
import io.millrace.cli.reply.Reply;
import io.millrace.cli.reply.ReplyFollower;
import io.millrace.cli.reply.ReplySummary;
import io.millrace.cli.terminal.ReplyView;
import io.millrace.cli.terminal.SingleReplyView;
import io.millrace.cli.terminal.Terminal;
import io.millrace.events.Completion;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Usage;
import io.millrace.schemas.json.JsonEventSerde;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends a prompt to a running processor and streams its reply, or a file of prompts at once. */
@Command(
    name = "ask",
    mixinStandardHelpOptions = true,
    description = {
      "Sends one prompt and prints the reply as its tokens arrive; or sends those of a file, all at"
          + " once, and ends with a table when each is answered.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 if every reply was completed, else 1.",
      "",
      "Examples:",
      "  millrace ask \"Where is my order 48213?\"             to the demo kept up by demo --keep",
      "  millrace ask --config millrace.yaml \"Hello\"         to the processor of that"
          + " configuration",
      "  millrace ask --file mine.jsonl --prompts 1000        a load"
    })
final class AskCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MESSAGE", arity = "0..1", description = "What to ask, as the user.")
  private Optional<String> message;

  @Option(names = "--system", paramLabel = "TEXT", description = "A system message before it.")
  private Optional<String> system;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Prompts to send instead of a message: OpenAI request bodies, one a line.")
  private Optional<Path> file;

  @Option(
      names = "--prompts",
      paramLabel = "N",
      description =
          "How many of the file to send; a shorter file is sent over again. Default: all once.")
  private Optional<Integer> count;

  @Mixin private ProcessorOption processor;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for the next sign of life. Default: ${DEFAULT-VALUE}.")
  private int timeoutSeconds;

  @Option(
      names = "--json",
      description =
          "Prints completion and usage, or the figures of a file, as one line of JSON instead of"
              + " the text.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    var prompts = prompts();
    var patience = Duration.ofSeconds(timeoutSeconds);
    var clients = new Clients(processor.configuration(), patience);
    checkTopics(clients);
    try (var follower = new ReplyFollower(clients);
        var sender = new PromptSender(clients);
        var view = view(prompts.size())) {
      var run = new PromptRun(sender, follower, view, patience, () -> false);
      run.run(prompts);
      return file.isPresent() ? report(run) : report(run.replies().iterator().next());
    }
  }

  private ReplyView view(int prompts) {
    var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    var terminal = Terminal.ofStandardOutput();
    var shown = json ? terminal.on(nowhere) : terminal;
    return file.isPresent()
        ? ReplyView.on(shown, prompts)
        : new SingleReplyView(shown, json ? nowhere : System.err);
  }

  private int report(Reply reply) {
    if (!reply.isFinished()) {
      throw new CommandException(
          "no reply within %d s. Is a processor running? Try: millrace doctor"
              .formatted(timeoutSeconds));
    }
    if (json) {
      System.out.println(json(reply));
    }
    return reply.isCompleted() ? 0 : 1;
  }

  private int report(PromptRun run) {
    var replies = ReplySummary.of(run.replies());
    var report = new ReplyReport(replies);
    System.out.println(json ? report.json() : report.table(Terminal.ofStandardOutput()));
    return replies.isComplete() ? 0 : 1;
  }

  private void checkTopics(Clients clients) {
    try {
      clients.checkTopics();
    } catch (TimeoutException e) {
      throw new CommandException(
          "no answer from Kafka at %s within %d s; %s"
              .formatted(clients.bootstrapServers(), timeoutSeconds, processor.remedy()),
          e);
    }
  }

  /** Both events in the JSON that their topics would hold. */
  private static String json(Reply reply) {
    try (var completion = new JsonEventSerde<>(Completion.class);
        var usage = new JsonEventSerde<>(Usage.class)) {
      return "{\"completion\":%s,\"usage\":%s}"
          .formatted(
              text(completion.serializer().serialize("", reply.completion().orElseThrow())),
              text(usage.serializer().serialize("", reply.usage().orElseThrow())));
    }
  }

  private static String text(byte[] json) {
    return new String(json, UTF_8);
  }

  private List<Prompt> prompts() {
    if (file.isPresent() == message.isPresent()) {
      throw wrong("give either a MESSAGE or a --file");
    }
    if (file.isEmpty()) {
      if (count.isPresent()) {
        throw wrong("--prompts goes with --file");
      }
      return List.of(prompt(message.get()));
    }
    if (system.isPresent()) {
      throw wrong("--system goes with a MESSAGE: in a file each prompt has its own");
    }
    if (count.isPresent() && count.get() < 1) {
      throw wrong("--prompts must be 1 or more");
    }
    var source = PromptFile.read(file.get());
    return PromptBatch.of(source, count.orElse(source.size()), newId());
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Prompt prompt(String question) {
    List<Message> messages = new ArrayList<>();
    system.ifPresent(text -> messages.add(message("system", text)));
    messages.add(message("user", question));
    return Prompt.newBuilder()
        .setRequestId(newId())
        .setMessages(messages)
        .setMetadata(Map.of("source", "millrace ask"))
        .build();
  }

  private static String newId() {
    return "ask-" + UUID.randomUUID();
  }

  private static Message message(String role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
  }
}
