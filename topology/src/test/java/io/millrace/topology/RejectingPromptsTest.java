package io.millrace.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Task;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RejectingPromptsTest {

  private static final String SECRET = "my card is 4711";

  private final Rig rig =
      new Rig(
          "limits.prompt-bytes: 4KiB",
          "limits.error-value-bytes: 6KiB",
          "limits.key-and-header-bytes: 1KiB",
          "limits.stop-strings: 2",
          "limits.label-bytes: 600",
          "limits.request-id-length: 40",
          "limits.messages: 3");

  @AfterEach
  void close() {
    rig.close();
  }

  static Stream<Arguments> invalidPrompts() {
    return Stream.of(
        invalid("empty_prompt", prompt().setMessages(List.of())),
        invalid("empty_prompt", prompt().setMessages(null)),
        invalid("empty_prompt", prompt().setMessages(null).setTask(Task.COMPLETE).setText("")),
        invalid("invalid_prompt", prompt().setText("and a text")),
        invalid("invalid_prompt", prompt().setTask(Task.COMPLETE)),
        invalid("unsupported_task", prompt().setTask(Task.EMBED)),
        invalid("unknown_model", prompt().setModel("another")),
        invalid("invalid_deadline", prompt().setDeadline(Instant.EPOCH)),
        invalid(
            "unsupported_response_format",
            prompt().setResponseFormat("{\"type\":\"json_object\"}")),
        invalid("unsupported_response_format", prompt().setResponseFormat("{")),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setTemperature(2.1))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setTopP(0.0))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setTopK(-1))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setMaxCompletionTokens(0))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setMinTokens(-1))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setTopLogprobs(21))),
        invalid(
            "invalid_parameter", prompt(Sampling.newBuilder().setStopTokenIds(List.of(1_000_000)))),
        invalid(
            "invalid_parameter",
            prompt(Sampling.newBuilder().setLogitBias(Map.of("1000000", 1.0)))),
        invalid(
            "invalid_parameter", prompt(Sampling.newBuilder().setLogitBias(Map.of("the", 1.0)))),
        invalid(
            "invalid_parameter", prompt(Sampling.newBuilder().setLogitBias(Map.of("7", 101.0)))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setTemperature(Double.NaN))),
        invalid("invalid_parameter", prompt(Sampling.newBuilder().setStop(List.of("a", "b", "c")))),
        invalid(
            "invalid_parameter", prompt(Sampling.newBuilder().setStop(List.of("x".repeat(257))))),
        invalid("invalid_parameter", prompt().setTenant("é".repeat(301))),
        invalid("too_many_messages", prompt().setMessages(messages(4))),
        invalid("prompt_too_long", prompt().setMessages(messages(1, "x".repeat(200)))));
  }

  @Test
  void aPromptThatGrowsWhenItIsWrittenAgainIsTooLarge() {
    // Bytes that are no UTF-8, as some producers send them: three bytes each once they are read.
    byte[] value = PlainFormat.write(prompt().setMessages(messages(1, "~".repeat(1400))).build());
    for (int index = 0; index < value.length; index++) {
      value[index] = value[index] == '~' ? (byte) 0xff : value[index];
    }
    rig.send("key".getBytes(UTF_8), value, new RecordHeaders());
    assertThat(rig.errors())
        .singleElement()
        .extracting(ErrorEvent::getCode)
        .isEqualTo("prompt_too_large");
    assertThat(rig.completions())
        .singleElement()
        .extracting(Completion::getStatus)
        .isEqualTo(Status.REJECTED);
  }

  @Test
  void theEventsOfARejectionAreBounded() {
    var metadata = Map.of("note", "x".repeat(2000));
    var prompt = prompt().setRequestId("i".repeat(500)).setMetadata(metadata).build();
    rig.send("key".getBytes(UTF_8), PlainFormat.write(prompt), new RecordHeaders());
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getRequestId()).isEqualTo("i".repeat(40));
              assertThat(completion.getMetadata()).isEmpty();
            });
    assertThat(rig.usages())
        .singleElement()
        .satisfies(usage -> assertThat(usage.getMetadata()).isEmpty());
    assertThat(rig.errors())
        .singleElement()
        .satisfies(error -> assertThat(error.getRequestId()).hasSize(40));
  }

  @ParameterizedTest
  @MethodSource("invalidPrompts")
  void anInvalidPromptIsADeadLetterAndRejected(String code, Prompt prompt) {
    byte[] value = PlainFormat.write(prompt);
    var headers = new RecordHeaders();
    headers.add("trace", "t1".getBytes(UTF_8));
    rig.send("key".getBytes(UTF_8), value, headers);

    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getCode()).isEqualTo(code);
              assertThat(error.getStage()).isEqualTo(Stage.VALIDATE);
              assertThat(error.getRequestId()).isEqualTo("a");
              assertThat(error.getOriginalValue()).isEqualTo(ByteBuffer.wrap(value));
              assertThat(error.getOriginalKey()).isEqualTo(ByteBuffer.wrap("key".getBytes(UTF_8)));
              assertThat(error.getOriginalHeaders())
                  .singleElement()
                  .satisfies(header -> assertThat(header.getKey()).isEqualTo("trace"));
              assertThat(error.getTopic()).isEqualTo("millrace.prompts");
              assertThat(error.getPartition()).isZero();
              assertThat(error.getOffset()).isZero();
              assertThat(error.getTimestamp()).isEqualTo(rig.now());
              assertThat(error.getMessage()).doesNotContain(SECRET);
            });
    assertThat(rig.completions())
        .singleElement()
        .satisfies(
            completion -> {
              assertThat(completion.getStatus()).isEqualTo(Status.REJECTED);
              assertThat(completion.getErrorCode()).isEqualTo(code);
              assertThat(completion.getAttempt()).isZero();
            });
    assertThat(rig.usages())
        .singleElement()
        .satisfies(usage -> assertThat(usage.getStatus()).isEqualTo(Status.REJECTED));
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void aPromptOnWhichValidationBreaksIsADeadLetterAndRejected() {
    rig.engine.unencodable = SECRET;
    rig.send(Rig.chat("a", SECRET));

    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getCode()).isEqualTo("internal_error");
              assertThat(error.getMessage()).doesNotContain(SECRET);
            });
    assertThat(rig.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.getStatus()).isEqualTo(Status.REJECTED));
  }

  @Test
  void bytesThatAreNoPromptAreADeadLetterOnly() {
    byte[] value = SECRET.getBytes(UTF_8);
    rig.send(null, value, new RecordHeaders());

    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getCode()).isEqualTo("undecodable");
              assertThat(error.getStage()).isEqualTo(Stage.DECODE);
              assertThat(error.getRequestId()).isNull();
              assertThat(error.getOriginalValue()).isEqualTo(ByteBuffer.wrap(value));
              assertThat(error.getMessage()).doesNotContain(SECRET);
            });
    assertThat(rig.completions()).isEmpty();
  }

  @Test
  void aRecordWithoutAValueIsADeadLetter() {
    rig.send(null, null, new RecordHeaders());
    rig.send(null, new byte[0], new RecordHeaders());
    assertThat(rig.errors())
        .extracting(ErrorEvent::getCode)
        .containsExactly("no_value", "no_value");
  }

  @Test
  void aValueOverTheLimitIsADeadLetterWithItsBytes() {
    rig.send(null, new byte[5_000], new RecordHeaders());
    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getCode()).isEqualTo("prompt_too_large");
              assertThat(error.getOriginalValue().remaining()).isEqualTo(5_000);
            });
  }

  @Test
  void aValueTooLargeForADeadLetterIsLeftOutAndSaidWhere() {
    rig.send(null, new byte[7_000], new RecordHeaders());
    assertThat(rig.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.getOriginalValue()).isNull();
              assertThat(error.getMessage()).contains("7000 bytes").contains("left out");
              assertThat(error.getOffset()).isZero();
            });
  }

  @Test
  void manyEmptyHeadersCountTowardsTheLimit() {
    var headers = new RecordHeaders();
    IntStream.range(0, 200).forEach(i -> headers.add("", new byte[0]));
    rig.send("key".getBytes(UTF_8), PlainFormat.write(prompt().build()), headers);
    assertThat(rig.errors()).extracting(ErrorEvent::getCode).containsExactly("headers_too_large");
  }

  @Test
  void headersOverTheLimitAreNotCarriedOn() {
    var headers = new RecordHeaders();
    headers.add("large", new byte[2_000]);
    rig.send("key".getBytes(UTF_8), PlainFormat.write(prompt().build()), headers);

    assertThat(rig.records("millrace.errors"))
        .singleElement()
        .satisfies(record -> assertThat(record.headers().toArray()).isEmpty());
  }

  @Test
  void tenThousandRandomRecordsAreTenThousandDeadLettersAndTheNextPromptIsAnswered() {
    var random = new Random(42);
    IntStream.range(0, 10_000)
        .forEach(
            i -> {
              byte[] value = new byte[1 + random.nextInt(60)];
              random.nextBytes(value);
              // The format's own first byte, now and then, so that the record itself is read too.
              value[0] = i % 3 == 0 ? 7 : value[0];
              rig.send(null, value, new RecordHeaders());
            });
    assertThat(rig.errors()).hasSize(10_000);
    // Random bytes can be a prompt, if a poor one: its id is known then.
    assertThat(rig.completions()).allMatch(event -> event.getStatus() == Status.REJECTED);

    rig.send(prompt());
    rig.flush();
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.completions())
        .singleElement()
        .satisfies(event -> assertThat(event.getStatus()).isEqualTo(Status.COMPLETED));
  }

  @Test
  void aPromptWithoutAnIdIsKnownByItsPlace() {
    rig.send(Rig.chat("first", "hello"));
    rig.send(Rig.chat("", "hello"));
    rig.flush();
    assertThat(rig.engine.channel().submissions).containsExactly("first", "millrace.prompts-0-1");
  }

  @Test
  void theCompletionLimitIsCutToTheRoomLeft() {
    rig.send(prompt(Sampling.newBuilder().setMaxCompletionTokens(10_000)));
    rig.flush();
    var request = rig.engine.channel().request("a");
    assertThat(request.maxCompletionTokens())
        .isEqualTo(SteppedEngine.CONTEXT - request.promptTokens());
  }

  @Test
  void aPromptThatLeavesRoomForOneTokenIsAnswered() {
    rig.send(prompt().setMessages(messages(1, "x".repeat(195))));
    rig.flush();
    assertThat(rig.engine.channel().request("a").promptTokens()).isEqualTo(199);
  }

  @Test
  void theSameIdDrawsTheSameSeed() {
    rig.send(prompt());
    rig.flush();
    long first = rig.engine.channel().request("a").sampling().seed();
    rig.engine.channel().complete("a");
    rig.tick();
    rig.send(prompt());
    rig.flush();
    assertThat(rig.engine.channel().request("a").sampling().seed()).isEqualTo(first);
  }

  private static Arguments invalid(String code, Prompt.Builder prompt) {
    return Arguments.of(code, prompt.build());
  }

  private static Prompt.Builder prompt() {
    return Rig.chat("a", SECRET);
  }

  private static Prompt.Builder prompt(Sampling.Builder sampling) {
    return prompt().setSampling(sampling.build());
  }

  private static List<Message> messages(int count) {
    return messages(count, "hi");
  }

  private static List<Message> messages(int count, String content) {
    var turns = new Message[count];
    Arrays.fill(turns, new Message("user", content, null));
    return List.of(turns);
  }
}
