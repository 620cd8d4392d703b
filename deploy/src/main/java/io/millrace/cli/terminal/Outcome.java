package io.millrace.cli.terminal;

import io.millrace.cli.reply.Reply;
import io.millrace.events.Status;
import java.util.Locale;
import java.util.Objects;

/** A finished reply in words. */
final class Outcome {

  private Outcome() {}

  /** The reply's text; for one that did not complete, why. */
  static String of(Reply reply) {
    var text = DisplayText.printable(reply.text());
    var completion = reply.completion();
    if (completion.isEmpty() || completion.get().getStatus() == Status.COMPLETED) {
      return text;
    }
    var status = completion.get().getStatus().name().toLowerCase(Locale.ROOT);
    var reason =
        Objects.requireNonNullElse(
            completion.get().getErrorMessage(), completion.get().getErrorCode());
    return "(%s: %s) %s".formatted(status, reason, text).strip();
  }
}
