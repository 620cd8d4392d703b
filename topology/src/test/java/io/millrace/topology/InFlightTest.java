package io.millrace.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Usage;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InFlightTest {

  private final Rig rig = new Rig("inflight.max-attempts: 3");

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aPromptIsInTheStoreUntilItsTerminalEvent() {
    rig.send(Rig.chat("a", "hello"));
    assertThat(rig.inflight.size()).isOne();
    rig.flush();
    rig.engine.channel().token("a", "Good day");
    rig.tick();
    assertThat(rig.inflight.size()).isOne();
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aSecondPromptWithAnIdInFlightIsADeadLetterAndTheFirstIsAnsweredOnce() {
    rig.send(Rig.chat("a", "hello"));
    rig.send(Rig.chat("a", "hello again"));
    rig.flush();
    rig.engine.channel().complete("a");
    rig.tick();

    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getCode()).isEqualTo("duplicate_request");
              assertThat(error.getStage()).isEqualTo(Stage.ADMIT);
              assertThat(error.getOffset()).isOne();
              assertThat(error.getOriginalValue()).isNotNull();
            });
    assertThat(rig.completions()).hasSize(1);
    assertThat(rig.engine.channel().submissions).containsExactly("a");
  }

  @Test
  void aRecordThatIsReadAgainWhileItsPromptIsInFlightIsNoDuplicate() {
    rig.send(Rig.chat("a", "hello"));
    rig.restart();
    // The new driver's offsets begin at 0 again.
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.errors()).isEmpty();
    assertThat(rig.completions()).hasSize(1);
  }

  @Test
  void anInvalidPromptWithAnIdInFlightEndsNothing() {
    rig.send(Rig.chat("a", "hello"));
    rig.send(Rig.chat("a", "hello").setModel("another"));
    assertThat(rig.errors()).hasSize(1);
    assertThat(rig.completions()).isEmpty();
  }

  @Test
  void afterARestartWhatWasInFlightRunsAgainInOrderAsTheNextAttempt() {
    IntStream.range(0, 3).forEach(i -> rig.send(Rig.chat("z" + (3 - i), "hello")));
    rig.flush();
    rig.engine.channel().token("z3", "Good ");
    rig.tick();
    rig.tokens();

    rig.restart();
    rig.tick();

    assertThat(rig.engine.channel().submissions).containsExactly("z3", "z2", "z1");
    assertThat(rig.engine.channel().request("z3").attempt()).isEqualTo(2);
    rig.engine.channel().token("z3", "Good day");
    rig.engine.channel().complete("z3");
    rig.tick();
    assertThat(rig.tokens())
        .singleElement()
        .satisfies(
            token -> {
              assertThat(token.getAttempt()).isEqualTo(2);
              assertThat(token.getIndex()).isZero();
            });
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getText()).isEqualTo("Good day");
              assertThat(completion.getAttempt()).isEqualTo(2);
            });
  }

  @Test
  void eventsOfARecoveredPromptStillCarryItsKeyAndTimestamp() {
    var sentAt = rig.now();
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.restart();
    rig.tick();
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.records("millrace.completions"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo("a".getBytes(UTF_8));
              assertThat(record.getRecordTime()).isEqualTo(sentAt);
            });
  }

  @Test
  void aRecoveredPromptOnWhichValidationBreaksHasFailed() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.unencodable = "hello";
    rig.restart();
    rig.tick();
    assertThat(rig.completions())
        .extracting(completion -> completion.getStatus() + " " + completion.getErrorCode())
        .containsExactly("FAILED internal_error");
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aPromptThatWasBegunTooOftenHasFailed() {
    rig.send(Rig.chat("poison", "hello"));
    rig.flush();
    rig.restart();
    rig.tick();
    rig.restart();
    rig.tick();
    assertThat(rig.engine.channel().request("poison").attempt()).isEqualTo(3);

    rig.restart();
    rig.tick();

    assertThat(rig.engine.channel().submissions).isEmpty();
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getStatus()).isEqualTo(Status.FAILED);
              assertThat(completion.getErrorCode()).isEqualTo("attempts_exhausted");
              assertThat(completion.getAttempt()).isEqualTo(3);
            });
    assertThat(rig.errors())
        .singleElement()
        .satisfies(error -> assertThat(error.getStage()).isEqualTo(Stage.GENERATE));
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aPromptThatOnlyWaitedHasNotBegun() {
    rig.engine.room = 0;
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.send(Rig.chat("b", "hello"));
    rig.flush();
    for (int i = 0; i < 5; i++) {
      rig.restart();
      rig.tick();
    }
    rig.engine.room = 2;
    rig.tick();
    assertThat(rig.engine.channel().request("b").attempt()).isEqualTo(1);
  }

  @Test
  void nothingOfAnEarlierOwnerArrives() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    var former = rig.engine.channel();
    former.token("a", "late");

    rig.restart();
    rig.tick();

    assertThat(former.closed).isTrue();
    assertThat(rig.engine.channel()).isNotSameAs(former);
    assertThat(rig.tokens()).isEmpty();
  }

  @Test
  void aFailureOfTheEngineIsADeadLetterAndATerminalEventWithTheTextSoFar() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().token("a", "Good ");
    rig.engine.channel().fail("a", "engine_failure");
    rig.tick();

    assertThat(rig.errors()).extracting(ErrorEvent::getCode).containsExactly("engine_failure");
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getStatus()).isEqualTo(Status.FAILED);
              assertThat(completion.getText()).isEqualTo("Good ");
              assertThat(completion.getFinishReason()).isNull();
            });
    assertThat(rig.usages()).hasSize(1);
  }

  @Test
  void aCompletionTooLargeToBeWrittenHasFailedAndIsSentWithoutWhatMakesItLarge() {
    try (var small =
        new Rig(
            "limits.prompt-bytes: 2KiB",
            "limits.key-and-header-bytes: 1KiB",
            "limits.error-value-bytes: 1KiB",
            "kafka.producer.max.request.size: 8192")) {
      small.send(Rig.chat("a", "hello").setMetadata(Map.of("note", "x")));
      small.send(Rig.chat("b", "hello").setMetadata(Map.of("note", "x")));
      small.flush();
      small.engine.channel().token("a", "x".repeat(9_000));
      small.engine.channel().complete("a");
      small.engine.channel().token("b", "x".repeat(7_000));
      small.engine.channel().complete("b");
      small.tick();

      assertThat(small.completions())
          .extracting(
              Completion::getErrorCode,
              completion -> completion.getText().length(),
              completion -> completion.getMetadata().size(),
              Completion::getCompletionTokens)
          .containsExactly(tuple("completion_too_large", 0, 0, 1), tuple(null, 7_000, 1, 1));
      assertThat(small.usages())
          .extracting(Usage::getStatus)
          .containsExactly(Status.FAILED, Status.COMPLETED);
      assertThat(small.errors())
          .extracting(ErrorEvent::getCode)
          .containsExactly("completion_too_large");
    }
  }

  @Test
  void whatTheEngineRefusesHasFailedAndLetsTheNextOnePass() {
    rig.engine.refuses = true;
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    assertThat(rig.completions())
        .extracting(completion -> completion.getStatus() + " " + completion.getErrorCode())
        .containsExactly("FAILED engine_refused");

    rig.engine.refuses = false;
    rig.send(Rig.chat("b", "hello"));
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("b");
  }

  @Test
  void whatTheEngineHasNoRoomForWaitsInOrder() {
    rig.engine.room = 1;
    rig.send(Rig.chat("a", "hello"));
    rig.send(Rig.chat("b", "hello"));
    rig.send(Rig.chat("c", "hello"));
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("a");

    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.engine.channel().submissions).containsExactly("a", "b");
    rig.engine.channel().complete("b");
    rig.tick();
    rig.engine.channel().complete("c");
    rig.tick();
    assertThat(rig.completions())
        .extracting(Completion::getRequestId)
        .containsExactly("a", "b", "c");
  }
}
