package io.millrace.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnsafeSettingsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          consumer.auto.offset.reset: latest             | skips prompts
          auto.offset.reset: latest                      | skips prompts
          consumer.isolation.level: read_uncommitted     | taken back
          group.protocol: streams                        | stop fetching
          producer.acks: 1                               | loses events
          producer.enable.idempotence: false             | writes events twice
          producer.delivery.timeout.ms: 30000, linger.ms: 1, producer.linger.ms: 1 | no send could be repeated
          production.exception.handler: com.example.Mine | dead letters
          consumer.session.timeout.ms: 2000              | room for a late heartbeat
          consumer.heartbeat.interval.ms: 6000           | room for a late heartbeat
          consumer.max.poll.interval.ms: 60000           | slow to answer
          producer.max.block.ms: 400000                  | slow to answer
          producer.transaction.timeout.ms: 1000          | abort transactions
          commit.interval.ms: 30000                      | abort transactions
          producer.transaction.timeout.ms: soon          | must be a number
          """)
  void whatBreaksAPromiseIsRefused(String kafka, String reason) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> parse(kafka))
        .withMessageContaining(reason)
        .withMessageContaining("kafka.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "consumer.auto.offset.reset: earliest",
        "producer.acks: -1",
        "processing.guarantee: at_least_once, commit.interval.ms: 30000",
        "consumer.session.timeout.ms: 45000, consumer.heartbeat.interval.ms: 3000",
        "producer.transaction.timeout.ms: 5000"
      })
  void whatBreaksNoneIsNot(String kafka) {
    assertThat(UnsafeSettings.warnings(parse(kafka))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          producer.linger.ms: 100                         | latency of every token
          consumer.max.poll.records: 500                  | more prompts may be in flight
          max.task.idle.ms: 0                             | commands wait
          consumer.heartbeat.interval.ms: 2500            | two late heartbeats
          producer.transaction.timeout.ms: 30000          | waits for it
          commit.interval.ms: 2000                        | read committed
          """)
  void whatIsOnlySlowIsWarnedOf(String kafka, String warning) {
    assertThat(UnsafeSettings.warnings(parse(kafka))).singleElement().asString().contains(warning);
  }

  @Test
  void allReasonsAreTold() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> parse("producer.acks: 0, group.protocol: consumer"))
        .withMessageContaining("acks")
        .withMessageContaining("group.protocol");
  }

  private static MillraceConfiguration parse(String kafka) {
    return MillraceConfiguration.parse("model.directory: m\nkafka: {" + kafka + "}\n", Map.of());
  }
}
