package io.millrace.cli.verify;

import io.millrace.cli.topics.Place;
import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import org.jspecify.annotations.Nullable;

/** A checker and short ways to show it events, for the tests of what it makes of them. */
abstract class CheckedEvents {

  static final String PROMPTS = "millrace.prompts";

  InvariantChecker checker;
  private long offset;

  CheckedEvents(boolean repeatsAllowed) {
    checker = new InvariantChecker(PROMPTS, repeatsAllowed, false, 10);
  }

  final Place next(String topic) {
    return new Place(topic, 0, offset++);
  }

  final Place prompt(String id) {
    return prompt(id, null);
  }

  final Place prompt(String id, @Nullable String conversation) {
    var place = next(PROMPTS);
    checker.prompt(
        place, Prompt.newBuilder().setRequestId(id).setConversationId(conversation).build());
    return place;
  }

  final void token(String id, int attempt, int index, String text) {
    checker.token(next("tokens"), new Token(id, attempt, index, text, 7, null, null));
  }

  final void end(String id, Status status, int attempt, int tokens, String text) {
    checker.completion(
        next("completions"),
        Completion.newBuilder()
            .setRequestId(id)
            .setStatus(status)
            .setText(text)
            .setAttempt(attempt)
            .setCompletionTokens(tokens)
            .build());
  }

  final void usage(String id, Status status, int attempt, int tokens) {
    checker.usage(
        Usage.newBuilder()
            .setRequestId(id)
            .setStatus(status)
            .setAttempt(attempt)
            .setPromptTokens(0)
            .setCompletionTokens(tokens)
            .setQueueMicros(0)
            .setPrefillMicros(0)
            .setDecodeMicros(0)
            .setTotalMicros(0)
            .build());
  }

  final void letter(@Nullable String id, Stage stage, Place place) {
    checker.error(
        ErrorEvent.newBuilder()
            .setRequestId(id)
            .setStage(stage)
            .setCode("code")
            .setMessage("message")
            .setTopic(place.topic())
            .setPartition(place.partition())
            .setOffset(place.offset())
            .build());
  }

  final void answer(String id) {
    token(id, 1, 0, "Good ");
    token(id, 1, 1, "day");
    end(id, Status.COMPLETED, 1, 2, "Good day");
    usage(id, Status.COMPLETED, 1, 2);
  }
}
