package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.topology.load.Flushes;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Without transactions, a prompt leaves the store after its terminal event was acknowledged. */
class AtLeastOnceTest {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Rig rig = new Rig("kafka.processing.guarantee: at_least_once");

  @AfterEach
  void close() {
    rig.close();
  }

  private void answer(String requestId) {
    rig.send(Rig.chat(requestId, "hello"));
    rig.flush();
    complete(requestId);
  }

  private void complete(String requestId) {
    rig.engine.channel().complete(requestId);
    rig.tick();
  }

  /** As the thread's producer does at a commit. */
  private static void acknowledge() {
    Flushes.ofThisThread().flushed();
  }

  @Test
  void aPromptStaysInTheStoreUntilItsEndIsAcknowledged() {
    answer("a");
    rig.tick();
    assertThat(rig.completions()).extracting(Completion::getRequestId).containsExactly("a");
    assertThat(rig.inflight.size()).isOne();
    acknowledge();
    rig.tick();
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aCrashBeforeThatEndsItAgain() {
    answer("a");
    rig.completions();
    rig.restart();
    rig.tick();
    rig.flush();
    complete("a");
    assertThat(rig.completions()).extracting(Completion::getAttempt).containsExactly(2);
  }

  @Test
  void anIdMayBeUsedAgainBeforeThat() {
    answer("a");
    rig.send(Rig.chat("a", "once more"));
    rig.flush();
    acknowledge();
    rig.tick();
    assertThat(rig.errors()).isEmpty();
    assertThat(rig.inflight.size()).as("the second one").isOne();
    complete("a");
    acknowledge();
    rig.tick();
    assertThat(rig.inflight.size()).isZero();
    assertThat(rig.completions()).hasSize(2);
  }

  @Test
  void theNextOfItsConversationNeedNotWait() {
    rig.send(Rig.chat("a", "hello").setConversationId("c"));
    rig.send(Rig.chat("b", "hello").setConversationId("c"));
    rig.flush();
    complete("a");
    rig.flush();
    complete("b");
    assertThat(rig.completions()).extracting(Completion::getRequestId).containsExactly("a", "b");
  }

  @Test
  void aHeldRecordIsKeptUntilItsPromptIsAcknowledged() {
    rig.format.unavailable = true;
    rig.send(Rig.chat("a", "hello"));
    rig.format.unavailable = false;
    rig.pass(LONGEST_PAUSE);
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("a");
    assertThat(rig.held.size()).isOne();
    acknowledge();
    rig.pass(LONGEST_PAUSE);
    assertThat(rig.held.size()).isZero();
    assertThat(rig.engine.channel().submissions).containsExactly("a");
  }

  @Test
  void aHeldRecordIsDecodedOnceMoreAfterACrashAndItsPromptIsNotTakenTwice() {
    rig.format.unavailable = true;
    rig.send(Rig.chat("a", "hello"));
    rig.format.unavailable = false;
    rig.pass(LONGEST_PAUSE);
    rig.flush();
    rig.restart();
    rig.pass(LONGEST_PAUSE);
    rig.flush();
    complete("a");
    assertThat(rig.errors()).isEmpty();
    assertThat(rig.completions()).hasSize(1);
  }

  @Test
  void onceAllAreRemovedThePunctuatorRests() {
    answer("a");
    acknowledge();
    rig.tick();
    int before = rig.punctuations();
    rig.tick();
    assertThat(rig.punctuations()).isEqualTo(before);
  }
}
