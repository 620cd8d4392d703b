package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.cli.reply.Clients;
import io.millrace.cli.reply.PromptSender;
import io.millrace.cli.reply.Reply;
import io.millrace.cli.reply.ReplyFollower;
import io.millrace.cli.terminal.SingleReplyView;
import io.millrace.cli.terminal.Terminal;
import io.millrace.events.Completion;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Usage;
import io.millrace.schemas.json.JsonEventSerde;
import java.io.OutputStream;
import java.io.PrintStream;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends one prompt to a running processor and streams its reply. */
@Command(
    name = "ask",
    mixinStandardHelpOptions = true,
    description = {"Sends one prompt and prints the reply as its tokens arrive.", ""},
    footer = {
      "",
      "Exit code: 0 if the reply was completed, else 1.",
      "",
      "Examples:",
      "  millrace ask \"Where is my order 48213?\"             to the demo kept up by demo --keep",
      "  millrace ask --config millrace.yaml \"Hello\"         to the processor of that"
          + " configuration"
    })
final class AskCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MESSAGE", description = "What to ask, as the user.")
  private String message;

  @Option(names = "--system", paramLabel = "TEXT", description = "A system message before it.")
  private Optional<String> system;

  @Mixin private ProcessorOption processor;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for the next sign of life. Default: ${DEFAULT-VALUE}.")
  private int timeoutSeconds;

  @Option(
      names = "--json",
      description = "Prints completion and usage as one line of JSON instead of the text.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    var patience = Duration.ofSeconds(timeoutSeconds);
    var clients = new Clients(processor.configuration(), patience);
    checkTopics(clients);
    var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    var terminal = json ? Terminal.ofStandardOutput().on(nowhere) : Terminal.ofStandardOutput();
    var prompt = prompt();
    try (var follower = new ReplyFollower(clients);
        var sender = new PromptSender(clients)) {
      var view = new SingleReplyView(terminal, json ? nowhere : System.err);
      var run = new PromptRun(sender, follower, view, patience, () -> false);
      run.run(List.of(prompt));
      var reply = run.replies().iterator().next();
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

  private Prompt prompt() {
    List<Message> messages = new ArrayList<>();
    system.ifPresent(text -> messages.add(message("system", text)));
    messages.add(message("user", message));
    return Prompt.newBuilder()
        .setRequestId("ask-" + UUID.randomUUID())
        .setMessages(messages)
        .setMetadata(Map.of("source", "millrace ask"))
        .build();
  }

  private static Message message(String role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
  }
}
