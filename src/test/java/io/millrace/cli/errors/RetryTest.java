package io.millrace.cli.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.topics.Place;
import io.millrace.events.ErrorEvent;
import io.millrace.events.OriginalHeader;
import io.millrace.events.Stage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class RetryTest {

  private final ErrorEvent.Builder error =
      ErrorEvent.newBuilder()
          .setStage(Stage.GENERATE)
          .setCode("engine_failure")
          .setMessage("it broke")
          .setTopic("millrace.prompts")
          .setPartition(2)
          .setOffset(5L)
          .setOriginalKey(bytes("key"))
          .setOriginalHeaders(
              List.of(
                  new OriginalHeader("traceparent", bytes("00-1")),
                  new OriginalHeader("empty", null),
                  new OriginalHeader(Retry.HEADER, bytes("millrace.errors-0@1"))));

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private DeadLetter letter() {
    return new DeadLetter(new Place("millrace.errors", 0, 17), Instant.EPOCH, error.build());
  }

  @Test
  void is_the_record_as_it_was_and_says_what_it_is_sent_for() {
    error.setOriginalValue(bytes("value"));
    var record = Retry.record(letter(), Optional.empty()).orElseThrow();
    assertThat(record.topic()).isEqualTo("millrace.prompts");
    assertThat(record.partition()).isNull();
    assertThat(record.timestamp()).isNull();
    assertThat(record.key()).isEqualTo("key".getBytes(UTF_8));
    assertThat(record.value()).isEqualTo("value".getBytes(UTF_8));
    assertThat(record.headers().toArray())
        .extracting(header -> header.key() + "=" + text(header.value()))
        .containsExactly("traceparent=00-1", "empty=null", Retry.HEADER + "=millrace.errors-0@17");
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "null" : new String(bytes, UTF_8);
  }

  @Test
  void takes_the_value_from_its_topic_if_the_letter_has_none() {
    var original =
        new ConsumerRecord<>(
            "millrace.prompts", 2, 5, "key".getBytes(UTF_8), "original".getBytes(UTF_8));
    assertThat(Retry.record(letter(), Optional.of(original)).orElseThrow().value())
        .isEqualTo("original".getBytes(UTF_8));
  }

  @Test
  void is_none_where_the_value_is_nowhere() {
    assertThat(Retry.record(letter(), Optional.empty())).isEmpty();
  }

  @Test
  void is_none_where_it_is_unknown_what_the_letter_is_about() {
    error.setOriginalValue(bytes("value")).setOffset(null);
    assertThat(Retry.record(letter(), Optional.empty())).isEmpty();
  }
}
