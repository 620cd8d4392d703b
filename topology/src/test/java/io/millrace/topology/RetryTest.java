package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.events.Completion;
import io.millrace.events.Status;
import io.millrace.events.Token;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What follows a failure of the engine that may pass. */
class RetryTest {

  private final Rig rig = new Rig("inflight.retries: 2", "inflight.retry-backoff: 100ms");

  @AfterEach
  void close() {
    rig.close();
  }

  private void failForNow(String requestId) {
    rig.engine.channel().failForNow(requestId);
    rig.tick();
  }

  private void send(String requestId) {
    rig.send(Rig.chat(requestId, "hello"));
    rig.flush();
  }

  @Test
  void thePromptIsTriedAgainAfterAWait() {
    send("a");
    failForNow("a");
    rig.pass(Duration.ofMillis(90));
    assertThat(rig.engine.channel().submissions).containsExactly("a");

    rig.pass(Duration.ofMillis(10));
    assertThat(rig.engine.channel().submissions).containsExactly("a", "a");
    assertThat(rig.engine.channel().request("a").attempt()).isEqualTo(2);
    rig.engine.channel().token("a", "Good day");
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.completions())
        .extracting(Completion::getStatus, Completion::getAttempt, Completion::getText)
        .containsExactly(tuple(Status.COMPLETED, 2, "Good day"));
    assertThat(rig.errors()).isEmpty();
    assertThat(rig.usages()).hasSize(1);
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void eachWaitIsTwiceAsLongAndAfterTheLastThePromptHasFailed() {
    send("a");
    failForNow("a");
    rig.pass(Duration.ofMillis(100));
    failForNow("a");
    rig.pass(Duration.ofMillis(190));
    assertThat(rig.engine.channel().submissions).hasSize(2);
    rig.pass(Duration.ofMillis(10));
    assertThat(rig.engine.channel().submissions).hasSize(3);

    failForNow("a");

    assertThat(rig.completions())
        .extracting(Completion::getStatus, Completion::getErrorCode, Completion::getAttempt)
        .containsExactly(tuple(Status.FAILED, "engine_failure", 3));
    assertThat(rig.errors()).hasSize(1);
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void whatWasToldIsNotToldAgain() {
    send("a");
    rig.engine.channel().token("a", "Good ");
    failForNow("a");
    rig.pass(Duration.ofMillis(100));
    rig.engine.channel().token("a", "Good ");
    rig.engine.channel().token("a", "day");
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.tokens())
        .extracting(Token::getAttempt, Token::getIndex, Token::getText)
        .containsExactly(tuple(1, 0, "Good "), tuple(2, 1, "day"));
    assertThat(rig.completions())
        .extracting(Completion::getText, Completion::getCompletionTokens)
        .containsExactly(tuple("Good day", 2));
  }

  /** Half a character is told as U+FFFD by an attempt that ends, and whole by the next one. */
  @Test
  void whatWasCutOffIsToldAgain() {
    send("a");
    rig.engine.channel().token("a", "Good ");
    rig.engine.channel().cutOffToken("a", "d", "\ufffd");
    failForNow("a");
    rig.pass(Duration.ofMillis(100));
    rig.engine.channel().token("a", "Good ");
    rig.engine.channel().token("a", "d");
    rig.engine.channel().token("a", "ay");
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.tokens())
        .extracting(Token::getAttempt, Token::getIndex, Token::getText)
        .containsExactly(
            tuple(1, 0, "Good "), tuple(1, 1, "d\ufffd"), tuple(2, 1, "d"), tuple(2, 2, "ay"));
    assertThat(rig.completions()).extracting(Completion::getText).containsExactly("Good day");
  }

  @Test
  void theOthersGoOnAndTheNextOfTheConversationWaits() {
    rig.send("k", Rig.chat("first", "hello").setConversationId("c").build());
    rig.send("k", Rig.chat("second", "hello").setConversationId("c").build());
    send("beside");
    failForNow("first");
    rig.engine.channel().complete("beside");
    rig.tick();
    assertThat(rig.completions()).extracting(Completion::getRequestId).containsExactly("beside");
    rig.pass(Duration.ofMillis(100));
    assertThat(rig.engine.channel().submissions).containsExactly("first", "beside", "first");
    rig.engine.channel().complete("first");
    rig.tick();
    assertThat(rig.engine.channel().submissions).endsWith("second");
  }

  @Test
  void aPromptThatWaitsForItsNextAttemptCanBeCancelled() {
    send("a");
    failForNow("a");
    rig.cancel("a");
    assertThat(rig.completions())
        .extracting(Completion::getStatus)
        .containsExactly(Status.CANCELLED);
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.engine.channel().submissions).containsExactly("a");
  }

  @Test
  void aPromptExpiresWhileItWaitsForItsNextAttempt() {
    rig.send(Rig.chat("a", "hello").setDeadline(rig.now().plusMillis(50)));
    rig.flush();
    failForNow("a");
    rig.pass(Duration.ofMillis(50));
    assertThat(rig.completions()).extracting(Completion::getStatus).containsExactly(Status.EXPIRED);
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.engine.channel().submissions).containsExactly("a");
  }

  @Test
  void aNewOwnerTriesAtOnce() {
    send("a");
    failForNow("a");
    rig.restart();
    rig.tick();
    assertThat(rig.engine.channel().request("a").attempt()).isEqualTo(2);
  }

  @Test
  void withoutRetriesItHasFailedAtOnce() {
    try (var strict = new Rig("inflight.retries: 0")) {
      strict.send(Rig.chat("a", "hello"));
      strict.flush();
      strict.engine.channel().failForNow("a");
      strict.tick();
      assertThat(strict.completions())
          .extracting(Completion::getStatus)
          .isEqualTo(List.of(Status.FAILED));
    }
  }
}
