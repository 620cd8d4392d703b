package io.millrace.cli.errors;

import io.millrace.events.Stage;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
final class LetterFilter implements Predicate<DeadLetter> {

  @Option(
      names = "--stage",
      paramLabel = "STAGE",
      description = "Of this stage: ${COMPLETION-CANDIDATES}.")
  private Optional<Stage> stage;

  @Option(
      names = "--code",
      paramLabel = "CODE",
      description = "With this code, such as undecodable.")
  private Optional<String> code;

  @Option(
      names = "--request",
      paramLabel = "ID",
      description = "About the prompt with this request id.")
  private Optional<String> requestId;

  @Option(names = "--topic", paramLabel = "TOPIC", description = "About records of this topic.")
  private Optional<String> topic;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "About records of this time or later, such as 2026-11-26T08:00:00Z. Default: all.")
  private Optional<Instant> from;

  @Option(names = "--to", paramLabel = "TIME", description = "About records before this time.")
  private Optional<Instant> to;

  Optional<Instant> from() {
    return from;
  }

  Optional<Instant> to() {
    return to;
  }

  /** Whether it fits all but the times. */
  @Override
  public boolean test(DeadLetter letter) {
    var error = letter.error();
    return stage.map(wanted -> wanted == error.getStage()).orElse(true)
        && code.map(wanted -> wanted.equals(error.getCode())).orElse(true)
        && requestId.map(wanted -> wanted.equals(error.getRequestId())).orElse(true)
        && topic.map(wanted -> wanted.equals(error.getTopic())).orElse(true);
  }
}
