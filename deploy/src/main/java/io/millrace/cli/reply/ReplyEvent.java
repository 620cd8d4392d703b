package io.millrace.cli.reply;

import io.millrace.events.Completion;
import io.millrace.events.Token;
import io.millrace.events.Usage;

/** Something that came back about a prompt, and when, on {@link System#nanoTime()}. */
public sealed interface ReplyEvent {

  String requestId();

  long receivedNanos();

  /** Read uncommitted: it may come twice, and from an attempt that did not last. */
  record TokenReceived(Token token, long receivedNanos) implements ReplyEvent {
    @Override
    public String requestId() {
      return token.getRequestId();
    }
  }

  /** Read committed: it is the last word on the prompt. */
  record CompletionReceived(Completion completion, long receivedNanos) implements ReplyEvent {
    @Override
    public String requestId() {
      return completion.getRequestId();
    }
  }

  /** Read committed. */
  record UsageReceived(Usage usage, long receivedNanos) implements ReplyEvent {
    @Override
    public String requestId() {
      return usage.getRequestId();
    }
  }
}
