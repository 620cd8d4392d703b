package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Status;
import io.millrace.events.Token;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnsweringPromptsTest {

  private final Rig rig =
      new Rig("prices.stepped.prompt-micros-per-million: 1_000_000", "batching.max-prompts: 3");

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void anEventThatCannotBeWrittenIsADeadLetterAboutItsPromptAndTheRestGoesOn() {
    rig.format.unserializable = event -> event instanceof Token;
    rig.send(Rig.chat("a", "hello"));
    rig.send(Rig.chat("b", "hello"));
    rig.flush();
    rig.engine.channel().token("a", "Good day");
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getCode()).isEqualTo("unserializable");
              assertThat(letter.getRequestId()).isEqualTo("a");
              assertThat(letter.getOffset()).isZero();
            });
    assertThat(rig.completions()).extracting(Completion::getText).containsExactly("Good day");
  }

  @Test
  void tokensComeInOrderThenCompletionAndUsage() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().token("a", "Good ");
    rig.engine.channel().token("a", "day");
    rig.tick();

    assertThat(rig.tokens())
        .extracting(token -> token.getIndex() + token.getText())
        .containsExactly("0Good ", "1day");
    assertThat(rig.completions()).isEmpty();

    rig.engine.channel().complete("a");
    rig.tick();

    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getRequestId()).isEqualTo("a");
              assertThat(completion.getStatus()).isEqualTo(Status.COMPLETED);
              assertThat(completion.getText()).isEqualTo("Good day");
              assertThat(completion.getFinishReason()).isEqualTo("stop");
              assertThat(completion.getAttempt()).isEqualTo(1);
              assertThat(completion.getCompletionTokens()).isEqualTo(2);
            });
    assertThat(rig.usages()).hasSize(1);
    assertThat(rig.errors()).isEmpty();
  }

  @Test
  void usageCountsFromAcceptance() {
    rig.send(Rig.chat("a", "hello").setTenant("acme").setMetadata(Map.of("channel", "mail")));
    rig.flush();
    rig.engine.channel().token("a", "Good day");
    rig.engine.channel().complete("a");
    rig.tick();

    assertThat(rig.usages())
        .singleElement()
        .satisfies(
            usage -> {
              assertThat(usage.getTenant()).isEqualTo("acme");
              assertThat(usage.getMetadata()).containsEntry("channel", "mail");
              assertThat(usage.getModelHash()).isEqualTo("abc123");
              assertThat(usage.getPromptTokens()).isEqualTo("userhello".length());
              // Two milliseconds in the micro-batch, two in the engine's waiting room.
              assertThat(usage.getQueueMicros()).isEqualTo(4_000);
              assertThat(usage.getPrefillMicros()).isEqualTo(3_000);
              assertThat(usage.getTimeToFirstTokenMicros()).isEqualTo(7_000);
              assertThat(usage.getTotalMicros()).isEqualTo(3_000);
              assertThat(usage.getBatchSizeMax()).isEqualTo(2);
              assertThat(usage.getCostMicros()).isEqualTo("userhello".length());
              assertThat(usage.getSampling().getMaxCompletionTokens()).isEqualTo(191);
              assertThat(usage.getSampling().getSeed()).isNotNull();
            });
  }

  @Test
  void everyEventCarriesTheKeyHeadersAndTimestampOfItsPrompt() {
    var headers = new RecordHeaders();
    headers.add("traceparent", "00-trace-01".getBytes(StandardCharsets.UTF_8));
    byte[] key = {1, 2, 3};
    var sentAt = rig.now();
    rig.send(key, PlainFormat.write(Rig.chat("a", "hello").build()), headers);
    rig.flush();
    rig.engine.channel().token("a", "Good day");
    rig.engine.channel().fail("a", "engine_failure");
    rig.tick();

    for (var topic : List.of("tokens", "completions", "usage", "errors")) {
      assertThat(rig.records("millrace." + topic))
          .as(topic)
          .singleElement()
          .satisfies(
              record -> {
                assertThat(record.key()).isEqualTo(key);
                assertThat(record.headers().toArray())
                    .extracting(Header::key)
                    .containsExactly("traceparent");
                assertThat(record.getRecordTime()).isEqualTo(sentAt);
              });
    }
  }

  @Test
  void aFullMicroBatchIsHandedOnAtOnce() {
    rig.send(Rig.chat("a", "hello"));
    rig.send(Rig.chat("b", "hello"));
    assertThat(rig.engine.channel().submissions).isEmpty();
    rig.send(Rig.chat("c", "hello"));
    assertThat(rig.engine.channel().submissions).containsExactly("a", "b", "c");
  }

  @Test
  void aWaitingTokenLeavesWithTheNextPromptWithoutAPunctuation() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.engine.channel().token("a", "Good day");
    rig.send(Rig.chat("b", "hello"));
    assertThat(rig.tokens()).hasSize(1);
  }
}
