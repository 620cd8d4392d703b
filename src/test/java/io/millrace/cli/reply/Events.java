package io.millrace.cli.reply;

import io.millrace.events.Completion;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.schemas.GeneratedClasses;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short ways to write down events. */
public final class Events {

  static {
    GeneratedClasses.trust();
  }

  private Events() {}

  public static Prompt prompt(String requestId, String question) {
    return Prompt.newBuilder()
        .setRequestId(requestId)
        .setMessages(List.of(Message.newBuilder().setRole("user").setContent(question).build()))
        .build();
  }

  public static ReplyEvent token(
      String requestId, int attempt, int index, String text, long atMillis) {
    var token =
        Token.newBuilder()
            .setRequestId(requestId)
            .setAttempt(attempt)
            .setIndex(index)
            .setText(text)
            .setTokenId(7)
            .build();
    return new ReplyEvent.TokenReceived(token, TimeUnit.MILLISECONDS.toNanos(atMillis));
  }

  public static ReplyEvent completion(String requestId, Status status, String text, long atMillis) {
    var completion =
        Completion.newBuilder()
            .setRequestId(requestId)
            .setStatus(status)
            .setText(text)
            .setErrorCode(status == Status.COMPLETED ? null : "engine_failure")
            .setErrorMessage(status == Status.COMPLETED ? null : "it broke")
            .setAttempt(1)
            .build();
    return new ReplyEvent.CompletionReceived(completion, TimeUnit.MILLISECONDS.toNanos(atMillis));
  }

  public static ReplyEvent usage(String requestId, int tokens, double batchMean, int batchMax) {
    var usage =
        Usage.newBuilder()
            .setRequestId(requestId)
            .setStatus(Status.COMPLETED)
            .setAttempt(1)
            .setPromptTokens(5)
            .setCompletionTokens(tokens)
            .setQueueMicros(0)
            .setPrefillMicros(0)
            .setDecodeMicros(0)
            .setTotalMicros(0)
            .setBatchSizeMean(batchMean)
            .setBatchSizeMax(batchMax)
            .setCostMicros(11)
            .build();
    return new ReplyEvent.UsageReceived(usage, 0);
  }
}
