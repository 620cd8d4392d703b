package io.millrace.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaSettingsTest {

  private static final Map<String, String> CONSUMERS =
      Map.of(
          "main.consumer.session.timeout.ms", "1",
          "consumer.session.timeout.ms", "2",
          "session.timeout.ms", "3");

  @Test
  void theStrongestKeyOfAConsumersCounts() {
    assertThat(number(CONSUMERS, "consumer.session.timeout.ms")).isEqualTo(1);
    var withoutMain =
        Map.of("consumer.session.timeout.ms", "2", "session.timeout.ms", "3", "other", "4");
    assertThat(number(withoutMain, "consumer.session.timeout.ms")).isEqualTo(2);
    assertThat(number(Map.of("session.timeout.ms", "3"), "consumer.session.timeout.ms"))
        .isEqualTo(3);
  }

  @Test
  void theStrongestKeyOfAProducersCounts() {
    var both = Map.of("producer.linger.ms", "1", "linger.ms", "2", "consumer.linger.ms", "3");
    assertThat(number(both, "producer.linger.ms")).isEqualTo(1);
    assertThat(number(Map.of("linger.ms", "2"), "producer.linger.ms")).isEqualTo(2);
    assertThat(number(Map.of("consumer.linger.ms", "3"), "producer.linger.ms")).isZero();
  }

  @Test
  void oneOfKafkaStreamsHasNoOtherKey() {
    assertThat(number(Map.of("commit.interval.ms", "7"), "commit.interval.ms")).isEqualTo(7);
    assertThat(number(Map.of("producer.commit.interval.ms", "7"), "commit.interval.ms"))
        .isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource({
    "consumer.session.timeout.ms, 6000",
    "consumer.max.poll.records, 100",
    "max.task.idle.ms, -1",
    "producer.transaction.timeout.ms, 6000",
    "consumer.max.poll.interval.ms, 300000",
    "producer.max.request.size, 1048576"
  })
  void whereNothingIsSetTheDefaultHolds(String name, long number) {
    assertThat(number(Map.of(), name)).isEqualTo(number);
    assertThat(new KafkaSettings(Map.of()).find(name)).isEmpty();
  }

  @Test
  void textIsComparedWithoutItsCaseAndBlanks() {
    var settings = new KafkaSettings(Map.of("acks", " ALL "));
    assertThat(settings.text("producer.acks", "1")).isEqualTo("all");
    assertThat(settings.text("consumer.isolation.level", "read_committed"))
        .isEqualTo("read_committed");
  }

  @Test
  void whatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> number(Map.of("linger.ms", "soon"), "producer.linger.ms"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kafka.producer.linger.ms must be a number, not \"soon\"");
  }

  private static long number(Map<String, String> section, String name) {
    return new KafkaSettings(section).number(name);
  }
}
