package io.millrace.cli.reply;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known so far of the reply to one prompt.
 *
 * <p>Tokens are read before their transaction is committed, so that they are seen a millisecond
 * after they were made rather than at the next commit. The price is paid here: a token seen before
 * is dropped, and a later attempt takes back what stands from its first token on. For one thread.
 */
public final class Reply {

  private final Prompt prompt;
  private final long sentNanos;
  private final StringBuilder text = new StringBuilder();
  private final List<Long> tokenNanos = new ArrayList<>();

  /** Where each token's text starts. */
  private final List<Integer> starts = new ArrayList<>();

  private int attempt;
  private long completedNanos;
  private @Nullable Completion completion;
  private @Nullable Usage usage;

  public Reply(Prompt prompt, long sentNanos) {
    this.prompt = prompt;
    this.sentNanos = sentNanos;
  }

  /** Takes an event in; false if it told nothing new. */
  public boolean accept(ReplyEvent event) {
    return switch (event) {
      case ReplyEvent.TokenReceived received -> accept(received.token(), received.receivedNanos());
      case ReplyEvent.CompletionReceived received -> {
        completion = received.completion();
        completedNanos = received.receivedNanos();
        yield true;
      }
      case ReplyEvent.UsageReceived received -> {
        usage = received.usage();
        yield true;
      }
    };
  }

  private boolean accept(Token token, long receivedNanos) {
    if (token.getAttempt() > attempt) {
      attempt = token.getAttempt();
      takeBackFrom(token.getIndex());
    }
    if (token.getAttempt() < attempt || token.getIndex() != tokenNanos.size()) {
      return false;
    }
    starts.add(text.length());
    text.append(token.getText());
    tokenNanos.add(receivedNanos);
    return true;
  }

  private void takeBackFrom(int index) {
    if (index < tokenNanos.size()) {
      text.setLength(starts.get(index));
      starts.subList(index, starts.size()).clear();
      tokenNanos.subList(index, tokenNanos.size()).clear();
    }
  }

  public String requestId() {
    return prompt.getRequestId();
  }

  public Prompt prompt() {
    return prompt;
  }

  /** The last thing the user said: the last message, or the text. */
  public String question() {
    var messages = prompt.getMessages();
    var question =
        messages == null || messages.isEmpty() ? prompt.getText() : messages.getLast().getContent();
    return question == null ? "" : question;
  }

  /** The completion's text once there is one, until then that of the tokens so far. */
  public String text() {
    return completion == null ? text.toString() : completion.getText();
  }

  public Optional<Completion> completion() {
    return Optional.ofNullable(completion);
  }

  public Optional<Usage> usage() {
    return Optional.ofNullable(usage);
  }

  /** Whether terminal event, usage record and all tokens that they count have come. */
  public boolean isFinished() {
    return completion != null
        && usage != null
        && tokenNanos.size() >= completion.getCompletionTokens();
  }

  public boolean isCompleted() {
    return completion != null && completion.getStatus() == Status.COMPLETED;
  }

  /** Tokens received of the attempt that counts. */
  public int tokens() {
    return tokenNanos.size();
  }

  public boolean hasStarted() {
    return !tokenNanos.isEmpty();
  }

  public long sentNanos() {
    return sentNanos;
  }

  /** When the terminal event was received; 0 before. */
  public long completedNanos() {
    return completedNanos;
  }

  /** When each token was received, in order of its index. */
  public List<Long> tokenNanos() {
    return List.copyOf(tokenNanos);
  }
}
