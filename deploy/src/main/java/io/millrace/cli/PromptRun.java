package io.millrace.cli;

import io.millrace.cli.reply.PromptSender;
import io.millrace.cli.reply.Reply;
import io.millrace.cli.reply.ReplyEvent;
import io.millrace.cli.reply.ReplyFollower;
import io.millrace.cli.terminal.ReplyView;
import io.millrace.events.Prompt;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** Sends prompts all at once and follows their replies until each has ended. */
final class PromptRun {

  /** How often a live view is drawn. */
  private static final Duration FRAME = Duration.ofMillis(33);

  private final PromptSender sender;
  private final ReplyFollower follower;
  private final ReplyView view;
  private final Duration patience;
  private final BooleanSupplier stopped;
  private final Map<String, Reply> replies = new LinkedHashMap<>();
  private OptionalLong firstTokenNanos = OptionalLong.empty();
  private int finished;

  /**
   * @param patience how long nothing may come back before the run is given up
   * @param stopped whether it is to be given up at once
   */
  PromptRun(
      PromptSender sender,
      ReplyFollower follower,
      ReplyView view,
      Duration patience,
      BooleanSupplier stopped) {
    this.sender = sender;
    this.follower = follower;
    this.view = view;
    this.patience = patience;
    this.stopped = stopped;
  }

  /** Returns when each prompt has its terminal event and its usage record, or patience ran out. */
  void run(List<Prompt> prompts) throws InterruptedException {
    for (var prompt : prompts) {
      replies.put(prompt.getRequestId(), new Reply(prompt, System.nanoTime()));
      sender.send(prompt);
    }
    long lastHeard = System.nanoTime();
    long drawn = lastHeard;
    while (finished < replies.size()
        && System.nanoTime() - lastHeard < patience.toNanos()
        && !stopped.getAsBoolean()) {
      sender.throwIfFailed();
      var event = follower.poll(FRAME);
      if (event != null) {
        lastHeard = System.nanoTime();
        take(event);
      }
      if (System.nanoTime() - drawn >= FRAME.toNanos()) {
        view.refresh();
        drawn = System.nanoTime();
      }
    }
    view.refresh();
  }

  private void take(ReplyEvent event) {
    var reply = replies.get(event.requestId());
    if (reply == null || !reply.accept(event)) {
      return;
    }
    switch (event) {
      case ReplyEvent.TokenReceived token -> {
        if (firstTokenNanos.isEmpty()) {
          firstTokenNanos = OptionalLong.of(token.receivedNanos());
        }
        view.grown(reply);
      }
      case ReplyEvent.CompletionReceived _ -> view.finished(reply);
      case ReplyEvent.UsageReceived _ -> {}
    }
    if (reply.isFinished()) {
      finished++;
    }
  }

  Collection<Reply> replies() {
    return List.copyOf(replies.values());
  }

  /** When the first token of all was received, on {@link System#nanoTime()}. */
  OptionalLong firstTokenNanos() {
    return firstTokenNanos;
  }
}
