package io.millrace.cli.reply;

import static io.millrace.cli.reply.Events.completion;
import static io.millrace.cli.reply.Events.prompt;
import static io.millrace.cli.reply.Events.token;
import static io.millrace.cli.reply.Events.usage;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyTest {

  private final Reply reply = new Reply(prompt("r", "Where is it?"), 0);

  @Test
  void joins_the_texts_of_its_tokens() {
    assertThat(reply.accept(token("r", 1, 0, "It is", 1))).isTrue();
    assertThat(reply.accept(token("r", 1, 1, " here.", 2))).isTrue();

    assertThat(reply.text()).isEqualTo("It is here.");
    assertThat(reply.tokens()).isEqualTo(2);
  }

  @Test
  void drops_a_token_that_it_has_seen() {
    reply.accept(token("r", 1, 0, "It is", 1));

    assertThat(reply.accept(token("r", 1, 0, "It is", 2))).isFalse();
    assertThat(reply.text()).isEqualTo("It is");
  }

  @Test
  void takes_back_what_a_resumed_attempt_tells_again() {
    reply.accept(token("r", 1, 0, "It", 1));
    reply.accept(token("r", 1, 1, " is", 2));
    reply.accept(token("r", 1, 2, " not", 3));

    assertThat(reply.accept(token("r", 2, 1, " is", 4))).isTrue();
    assertThat(reply.accept(token("r", 2, 2, " here", 5))).isTrue();

    assertThat(reply.text()).isEqualTo("It is here");
    assertThat(reply.tokens()).isEqualTo(3);
  }

  @Test
  void ignores_tokens_before_which_it_has_missed_some() {
    reply.accept(token("r", 1, 0, "It", 1));

    assertThat(reply.accept(token("r", 2, 5, " here", 2))).isFalse();
    assertThat(reply.text()).isEqualTo("It");
  }

  @Test
  void starts_over_with_a_later_attempt_and_ignores_what_the_earlier_one_still_says() {
    reply.accept(token("r", 1, 0, "It", 1));
    reply.accept(token("r", 1, 1, " was", 2));

    assertThat(reply.accept(token("r", 2, 0, "It", 3))).isTrue();
    assertThat(reply.accept(token("r", 1, 2, " there", 4))).isFalse();

    assertThat(reply.text()).isEqualTo("It");
    assertThat(reply.tokens()).isEqualTo(1);
  }

  @Test
  void lets_the_terminal_event_have_the_last_word() {
    reply.accept(token("r", 1, 0, "It", 1));
    reply.accept(completion("r", Status.COMPLETED, "It is here.", 5));

    assertThat(reply.text()).isEqualTo("It is here.");
    assertThat(reply.isCompleted()).isTrue();
  }

  @Test
  void is_finished_when_both_terminal_event_and_usage_have_come_in_either_order() {
    reply.accept(usage("r", 1, 1, 1));
    assertThat(reply.isFinished()).isFalse();

    reply.accept(completion("r", Status.FAILED, "", 5));
    assertThat(reply.isFinished()).isTrue();
    assertThat(reply.isCompleted()).isFalse();
  }

  @Test
  void is_not_finished_before_the_last_token_has_come() {
    var completion =
        Completion.newBuilder()
            .setRequestId("r")
            .setStatus(Status.COMPLETED)
            .setText("x")
            .setAttempt(1)
            .setCompletionTokens(1)
            .build();
    reply.accept(new ReplyEvent.CompletionReceived(completion, 4));
    reply.accept(usage("r", 1, 1, 1));
    assertThat(reply.isFinished()).isFalse();

    reply.accept(token("r", 1, 0, "x", 5));
    assertThat(reply.isFinished()).isTrue();
  }

  @Test
  void asks_the_last_message_of_a_conversation() {
    var messages =
        List.of(
            Message.newBuilder().setRole("user").setContent("Hello").build(),
            Message.newBuilder().setRole("assistant").setContent("Hi").build(),
            Message.newBuilder().setRole("user").setContent("Where is it?").build());
    var prompt = Prompt.newBuilder().setRequestId("r").setMessages(messages).build();

    assertThat(new Reply(prompt, 0).question()).isEqualTo("Where is it?");
  }

  @Test
  void asks_the_text_of_a_prompt_without_messages() {
    var prompt = Prompt.newBuilder().setRequestId("r").setText("Once upon").build();

    assertThat(new Reply(prompt, 0).question()).isEqualTo("Once upon");
  }
}
