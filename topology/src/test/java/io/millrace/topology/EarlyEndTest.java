package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.events.Completion;
import io.millrace.events.Status;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Prompts that end before the engine is done with them: cancelled or past their deadline. */
class EarlyEndTest {

  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aRunningPromptIsCancelledByTheEngine() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().token("a", "Good ");
    rig.cancel("a");
    rig.tick();
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getStatus()).isEqualTo(Status.CANCELLED);
              assertThat(completion.getText()).isEqualTo("Good ");
            });
    assertThat(rig.usages()).hasSize(1);
    assertThat(rig.errors()).isEmpty();
  }

  @Test
  void aWaitingPromptIsCancelledBeforeTheEngineSeesIt() {
    rig.engine.room = 0;
    rig.send(Rig.chat("due", "hello"));
    rig.flush();
    rig.send(Rig.chat("collecting", "hello"));
    rig.cancel("collecting");
    rig.cancel("due");
    assertThat(rig.completions())
        .extracting(completion -> completion.getRequestId() + " " + completion.getAttempt())
        .containsExactly("collecting 0", "due 0");

    rig.engine.room = 2;
    rig.flush();
    assertThat(rig.engine.channel().submissions).isEmpty();
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aCancellationIsKeptForTheNextOwner() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().token("a", "Good ");
    rig.cancel("a");
    rig.restart();
    rig.tick();
    assertThat(rig.completions())
        .extracting(Completion::getStatus, Completion::getAttempt)
        .containsExactly(tuple(Status.CANCELLED, 1));
    assertThat(rig.usages()).hasSize(1);
    assertThat(rig.engine.channel().submissions).isEmpty();
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void whatFailsAfterItsCancellationIsNotTriedAgain() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().failForNow("a");
    rig.cancel("a");
    rig.tick();
    rig.pass(Duration.ofMinutes(1));
    assertThat(rig.completions())
        .extracting(Completion::getStatus)
        .containsExactly(Status.CANCELLED);
    assertThat(rig.engine.channel().submissions).containsExactly("a");
  }

  @Test
  void aRecoveredPromptCanBeCancelledBeforeItRunsAgain() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.restart();
    rig.cancel("a");
    assertThat(rig.completions()).hasSize(1);
    rig.tick();
    assertThat(rig.engine.channel().submissions).isEmpty();
  }

  @Test
  void cancellingWhatIsNotInFlightDoesNothing() {
    rig.cancel("unknown");
    assertThat(rig.completions()).isEmpty();
    assertThat(rig.errors()).isEmpty();
  }

  @Test
  void aCommandThatCannotBeReadIsADeadLetter() {
    rig.sendControl(new byte[] {1, 2, 3});
    assertThat(rig.errors())
        .singleElement()
        .satisfies(error -> assertThat(error.getTopic()).isEqualTo("millrace.control"));
  }

  @Test
  void aPromptExpiresWhileItWaits() {
    rig.engine.room = 0;
    rig.send(Rig.chat("a", "hello").setDeadline(rig.now().plusMillis(500)));
    rig.flush();
    rig.pass(Duration.ofMillis(400));
    assertThat(rig.completions()).isEmpty();
    rig.pass(Duration.ofMillis(200));
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getStatus()).isEqualTo(Status.EXPIRED);
              assertThat(completion.getAttempt()).isZero();
            });
    assertThat(rig.usages())
        .singleElement()
        .satisfies(usage -> assertThat(usage.getQueueMicros()).isEqualTo(602_000));
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aPromptThatComesAfterItsDeadlineExpiresAtOnce() {
    rig.send(Rig.chat("a", "hello").setDeadline(rig.now().minusSeconds(1)));
    assertThat(rig.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.getStatus()).isEqualTo(Status.EXPIRED));
    assertThat(rig.engine.channel().submissions).isEmpty();
  }

  @Test
  void theEngineKnowsTheDeadlineOnItsOwnClock() {
    rig.send(Rig.chat("a", "hello").setDeadline(rig.now().plusSeconds(10)));
    rig.flush();
    assertThat(rig.engine.channel().request("a").deadlineNanos())
        .isEqualTo(Duration.ofSeconds(10).toNanos());
    rig.engine.channel().expire("a");
    rig.tick();
    assertThat(rig.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.getStatus()).isEqualTo(Status.EXPIRED));
  }
}
