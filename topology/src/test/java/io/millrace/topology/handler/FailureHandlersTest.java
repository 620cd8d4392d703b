package io.millrace.topology.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.ErrorEvent;
import io.millrace.events.OriginalHeader;
import io.millrace.events.Stage;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.NodeNames;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.errors.ProductionExceptionHandler.SerializationExceptionOrigin;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class FailureHandlersTest {

  static {
    GeneratedClasses.trust();
  }

  private static final byte[] KEY = {1};
  private static final byte[] VALUE = {2, 3};
  private static final OriginalHeader HEADER =
      new OriginalHeader("trace", ByteBuffer.wrap(new byte[] {4}));

  private static final String[] COUNTED = {"stage", "produce", "code", "record_too_large"};

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<ErrorEvent> letters = new ArrayList<>();
  private final Map<String, Object> configuration =
      Map.of(
          DeadLetters.PROPERTY,
          new DeadLetters(
              "errors",
              (topic, event) -> {
                letters.add(event);
                return new byte[] {9};
              },
              new PromptMeters(meters, "failing", 0)));

  @Test
  void aRecordTooLargeToWriteIsADeadLetterAndTheStreamGoesOn() {
    var response = production().handleError(at(NodeNames.INFERENCE), to("completions"), tooLarge());

    assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.RESUME);
    assertThat(response.deadLetterQueueRecords())
        .singleElement()
        .satisfies(record -> assertThat(record.topic()).isEqualTo("errors"));
    assertThat(letters)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getStage()).isEqualTo(Stage.PRODUCE);
              assertThat(letter.getCode()).isEqualTo("record_too_large");
              assertThat(meters.counter("millrace.errors", COUNTED).count()).isOne();
              assertThat(letter.getOriginalKey()).isEqualTo(ByteBuffer.wrap(KEY));
              assertThat(letter.getOriginalHeaders()).containsExactly(HEADER);
              assertThat(letter.getOriginalValue()).isNull();
            });
  }

  @Test
  void aDeadLetterOfAnEventDoesNotNameARecordThatHappenedToBeRead() {
    production().handleError(at(NodeNames.INFERENCE), to("completions"), tooLarge());
    assertThat(letters)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getTopic()).isNull();
              assertThat(letter.getPartition()).isNull();
              assertThat(letter.getOffset()).isNull();
            });
  }

  @Test
  void anEventThatCannotBePutIntoBytesIsADeadLetterAndTheStreamGoesOn() {
    var failure = new NullPointerException("with prompt text");
    var response = unserializable("tokens", failure);
    assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.RESUME);
    assertThat(response.deadLetterQueueRecords()).hasSize(1);
    assertThat(letters)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getCode()).isEqualTo("unserializable");
              assertThat(letter.getMessage()).contains("tokens").doesNotContain("prompt text");
              assertThat(letter.getOriginalKey()).isEqualTo(ByteBuffer.wrap(KEY));
            });
  }

  @Test
  void aRegistryThatRefusesAnEventFailsTheTask() {
    var refused = new SerializationException(new DisconnectException());
    assertThat(unserializable("tokens", refused).result())
        .isEqualTo(ProductionExceptionHandler.Result.FAIL);
    assertThat(letters).isEmpty();
  }

  @Test
  void aDeadLetterThatCannotBePutIntoBytesFailsTheTask() {
    assertThat(unserializable("errors", new NullPointerException()).result())
        .isEqualTo(ProductionExceptionHandler.Result.FAIL);
  }

  private ProductionExceptionHandler.Response unserializable(String topic, Exception exception) {
    return production()
        .handleSerializationError(
            at(NodeNames.INFERENCE),
            new ProducerRecord<Object, Object>(topic, KEY, "event"),
            exception,
            SerializationExceptionOrigin.VALUE);
  }

  /** As every event, it has the key, the headers and the timestamp of its record. */
  private void carriesOn(ProducerRecord<byte[], byte[]> letter) {
    assertThat(letter.topic()).isEqualTo("errors");
    assertThat(letter.key()).isEqualTo(KEY);
    assertThat(letter.timestamp()).isEqualTo(7);
    assertThat(letter.headers().lastHeader("trace").value()).isEqualTo(new byte[] {4});
  }

  private static void isWhole(ErrorEvent letter) {
    assertThat(letter.getStage()).isEqualTo(Stage.DECODE);
    assertThat(letter.getTopic()).isEqualTo("prompts");
    assertThat(letter.getPartition()).isEqualTo(3);
    assertThat(letter.getOffset()).isEqualTo(5);
    assertThat(letter.getTimestamp()).isEqualTo(Instant.ofEpochMilli(7));
    assertThat(letter.getOriginalKey()).isEqualTo(ByteBuffer.wrap(KEY));
    assertThat(letter.getOriginalValue()).isEqualTo(ByteBuffer.wrap(VALUE));
    assertThat(letter.getOriginalHeaders()).containsExactly(HEADER);
  }

  @Test
  void anEntryOfAStoreTooLargeToWriteFailsTheTask() {
    var response =
        production()
            .handleError(at(NodeNames.INFERENCE), to("millrace-inflight-changelog"), tooLarge());
    assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.FAIL);
    assertThat(letters).isEmpty();
  }

  @Test
  void aDeadLetterTooLargeToWriteMakesNoOther() {
    var response = production().handleError(at(NodeNames.INFERENCE), to("errors"), tooLarge());
    assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.RESUME);
    assertThat(response.deadLetterQueueRecords()).isEmpty();
  }

  @Test
  void whatMaySucceedLaterIsTriedAgainAndAllElseFailsTheTask() {
    var handler = production();
    assertThat(handler.handleError(at("x"), to("t"), new TimeoutException()).result())
        .isEqualTo(ProductionExceptionHandler.Result.RETRY);
    assertThat(handler.handleError(at("x"), to("t"), new IllegalStateException()).result())
        .isEqualTo(ProductionExceptionHandler.Result.FAIL);
    assertThat(letters).isEmpty();
  }

  @Test
  void aRecordOnWhichDecodingBreaksIsADeadLetterWithItsBytes() {
    var response =
        processing()
            .handleError(
                at(NodeNames.DECODE),
                new Record<>(KEY, VALUE, 0),
                new IllegalStateException("with prompt text"));

    assertThat(response.result()).isEqualTo(ProcessingExceptionHandler.Result.RESUME);
    assertThat(response.deadLetterQueueRecords()).singleElement().satisfies(this::carriesOn);
    assertThat(letters)
        .singleElement()
        .satisfies(FailureHandlersTest::isWhole)
        .satisfies(
            letter -> {
              assertThat(letter.getCode()).isEqualTo("internal_error");
              assertThat(letter.getMessage()).doesNotContain("prompt text");
            });
  }

  @Test
  void aFailureOfAStoreOrBehindItFailsTheTask() {
    var handler = processing();
    var record = new Record<>(KEY, VALUE, 0);
    var failure = new IllegalStateException();
    assertThat(handler.handleError(at(NodeNames.INFERENCE), record, failure).result())
        .isEqualTo(ProcessingExceptionHandler.Result.FAIL);
    assertThat(handler.handleError(at(NodeNames.DECODE), null, failure).result())
        .as("a punctuator")
        .isEqualTo(ProcessingExceptionHandler.Result.FAIL);
    var broken = new ProcessorStateException("held");
    assertThat(handler.handleError(at(NodeNames.DECODE), record, broken).result())
        .as("the store of held records")
        .isEqualTo(ProcessingExceptionHandler.Result.FAIL);
    assertThat(letters).isEmpty();
  }

  @Test
  void aHandlerWithoutItsLettersIsAConfigurationError() {
    assertThatThrownBy(() -> new ProcessingFailures().configure(Map.of()))
        .hasMessageContaining(DeadLetters.PROPERTY);
  }

  private ProductionFailures production() {
    var handler = new ProductionFailures();
    handler.configure(configuration);
    return handler;
  }

  private ProcessingFailures processing() {
    var handler = new ProcessingFailures();
    handler.configure(configuration);
    return handler;
  }

  private static RecordTooLargeException tooLarge() {
    return new RecordTooLargeException("large");
  }

  private static RecordHeaders headers() {
    var headers = new RecordHeaders();
    headers.add("trace", new byte[] {4});
    return headers;
  }

  private static ProducerRecord<byte[], byte[]> to(String topic) {
    return new ProducerRecord<>(topic, null, 7L, KEY, VALUE, headers());
  }

  private static ErrorHandlerContext at(String node) {
    return new DefaultErrorHandlerContext(
        null, "prompts", 3, 5, headers(), node, new TaskId(0, 3), 7, KEY, VALUE);
  }
}
