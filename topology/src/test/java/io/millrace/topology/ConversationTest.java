package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Prompt;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConversationTest {

  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aConversationIsAnsweredOnePromptAtATimeAndOthersDoNotWait() {
    rig.send(turn("a1", "a"));
    rig.send(turn("a2", "a"));
    rig.send(turn("b1", "b"));
    rig.send(Rig.chat("none", "hello"));
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("a1", "b1", "none");

    rig.engine.channel().complete("a1");
    rig.tick();
    assertThat(rig.engine.channel().submissions).endsWith("a2");
    assertThat(rig.engine.channel().request("a2").attempt()).isOne();
  }

  @Test
  void aPromptThatIsCancelledBeforeItsTurnLetsTheNextOneFollow() {
    rig.send(turn("a1", "a"));
    rig.send(turn("a2", "a"));
    rig.send(turn("a3", "a"));
    rig.flush();
    rig.cancel("a2");
    assertThat(rig.completions()).hasSize(1);

    rig.engine.channel().complete("a1");
    rig.tick();
    assertThat(rig.engine.channel().submissions).containsExactly("a1", "a3");
  }

  @Test
  void theOrderHoldsAfterARestart() {
    rig.send(turn("a2", "a"));
    rig.send(turn("a1", "a"));
    rig.flush();
    rig.restart();
    rig.tick();
    assertThat(rig.engine.channel().submissions).containsExactly("a2");
    rig.engine.channel().complete("a2");
    rig.tick();
    assertThat(rig.engine.channel().submissions).containsExactly("a2", "a1");
    assertThat(rig.engine.channel().request("a1").attempt()).as("its first").isOne();
  }

  @Test
  void theNextTurnDoesNotOvertakeWhatARestartRecovers() {
    rig.send(turn("a1", "a"));
    rig.flush();
    rig.restart();
    rig.send(turn("a2", "a"));
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("a1");

    rig.engine.channel().complete("a1");
    rig.tick();
    assertThat(rig.engine.channel().submissions).containsExactly("a1", "a2");
  }

  @Test
  void aPromptExpiresWhileItWaitsForItsTurn() {
    rig.send(turn("a1", "a"));
    rig.send(turn("a2", "a").setDeadline(rig.now().plusMillis(50)));
    rig.pass(Duration.ofMillis(51));
    assertThat(rig.completions())
        .extracting(completion -> completion.getRequestId() + " " + completion.getStatus())
        .containsExactly("a2 EXPIRED");
  }

  @Test
  void aConversationThatHasEndedIsFree() {
    rig.send(turn("a1", "a"));
    rig.flush();
    rig.engine.channel().complete("a1");
    rig.tick();
    rig.send(turn("a2", "a"));
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("a1", "a2");
  }

  private static Prompt.Builder turn(String requestId, String conversationId) {
    return Rig.chat(requestId, "hello").setConversationId(conversationId);
  }
}
