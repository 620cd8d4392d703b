package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.ErrorEvent;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.handler.DeadLetters;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.store.StoreMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamsPropertiesTest {

  private static final StoreMemory MEMORY = new StoreMemory(8 << 20);

  @AfterAll
  static void freeMemory() {
    MEMORY.close();
  }

  @Test
  void exactlyOnceAndNoLingerUnlessToldOtherwise() {
    var properties = properties("");
    assertThat(properties)
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("commit.interval.ms", 100)
        .containsEntry("producer.linger.ms", 0)
        .containsEntry("group.protocol", "classic")
        .containsEntry("application.id", "millrace");
    // Kafka Streams finds nothing to object to.
    assertThat(new StreamsConfig(properties).getString("processing.guarantee"))
        .isEqualTo("exactly_once_v2");
  }

  @Test
  void commandsDoNotWaitForAPromptsPartitionThatIsPaused() {
    assertThat(new StreamsConfig(properties("")).getLong("max.task.idle.ms"))
        .isEqualTo(StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
  }

  @Test
  void theKafkaSectionGoesOverTheDefaults() {
    assertThat(
            properties(
                """
                topics.replication: 3
                kafka:
                  processing.guarantee: at_least_once
                  num.stream.threads: 4
                  producer.linger.ms: 5
                """))
        .containsEntry("processing.guarantee", "at_least_once")
        .containsEntry("num.stream.threads", "4")
        .containsEntry("producer.linger.ms", "5")
        .containsEntry("replication.factor", 3);
  }

  /** Whichever key a user sets: the client gets it, and what is said of it is what it gets. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          -                                                                    | consumer.session.timeout.ms     | 6000
          session.timeout.ms: 45000                                            | consumer.session.timeout.ms     | 45000
          consumer.session.timeout.ms: 30000, session.timeout.ms: 45000        | consumer.session.timeout.ms     | 30000
          main.consumer.session.timeout.ms: 9000, session.timeout.ms: 45000    | consumer.session.timeout.ms     | 9000
          main.consumer.session.timeout.ms: 9000, consumer.session.timeout.ms: 30000 | consumer.session.timeout.ms | 9000
          heartbeat.interval.ms: 1000                                          | consumer.heartbeat.interval.ms  | 1000
          -                                                                    | consumer.max.poll.records       | 100
          max.poll.records: 20                                                 | consumer.max.poll.records       | 20
          -                                                                    | consumer.max.poll.interval.ms   | 300000
          -                                                                    | restore.consumer.fetch.max.wait.ms | 50
          fetch.max.wait.ms: 300                                               | restore.consumer.fetch.max.wait.ms | 300
          consumer.fetch.max.wait.ms: 200, fetch.max.wait.ms: 300              | restore.consumer.fetch.max.wait.ms | 200
          restore.consumer.fetch.max.wait.ms: 9, consumer.fetch.max.wait.ms: 8 | restore.consumer.fetch.max.wait.ms | 9
          -                                                                    | producer.transaction.timeout.ms | 6000
          transaction.timeout.ms: 5000                                         | producer.transaction.timeout.ms | 5000
          producer.transaction.timeout.ms: 4000, transaction.timeout.ms: 5000  | producer.transaction.timeout.ms | 4000
          linger.ms: 3                                                         | producer.linger.ms              | 3
          -                                                                    | producer.request.timeout.ms     | 30000
          request.timeout.ms: 20000                                            | producer.request.timeout.ms     | 20000
          -                                                                    | producer.delivery.timeout.ms    | 2147483647
          processing.guarantee: at_least_once                                  | producer.delivery.timeout.ms    | 120000
          -                                                                    | producer.max.block.ms           | 60000
          -                                                                    | producer.max.request.size       | 1048576
          max.request.size: 2000000                                            | producer.max.request.size       | 2000000
          """)
  void theStrongestKeyOfTheUsersReachesTheClient(
      @Nullable String kafka, String name, String value) {
    var settings = kafka == null ? "" : "kafka: {" + kafka + "}\n";
    assertThat(ofClient(settings, name)).isEqualTo(value);
    assertThat(configuration(settings).kafkaSettings().number(name))
        .isEqualTo(Long.parseLong(value));
  }

  /** Asks Kafka Streams what it would give its client, and that client what it makes of it. */
  private static String ofClient(String settings, String name) {
    var streams = new StreamsConfig(properties(settings));
    boolean isProducer = name.startsWith("producer.");
    ConfigDef definition = isProducer ? ProducerConfig.configDef() : ConsumerConfig.configDef();
    Map<String, Object> given = new HashMap<>();
    if (isProducer) {
      given.putAll(streams.getProducerConfigs("thread-producer"));
    } else if (name.startsWith("restore.consumer.")) {
      given.putAll(streams.getRestoreConsumerConfigs("thread-restore-consumer"));
    } else {
      given.putAll(streams.getMainConsumerConfigs("group", "thread-consumer", 0));
    }
    given.put("key.serializer", ByteArraySerializer.class);
    given.put("value.serializer", ByteArraySerializer.class);
    given.put("key.deserializer", ByteArrayDeserializer.class);
    given.put("value.deserializer", ByteArrayDeserializer.class);
    var key = name.replaceFirst("^(restore[.])?(consumer|producer)[.]", "");
    return String.valueOf(definition.parse(given).get(key));
  }

  private static MillraceConfiguration configuration(String settings) {
    return MillraceConfiguration.parse("model.directory: none\n" + settings, Map.of());
  }

  private static Properties properties(String settings) {
    Serializer<ErrorEvent> serializer = (topic, event) -> new byte[0];
    var meters = new PromptMeters(new SimpleMeterRegistry(), "assembled", 0);
    return StreamsProperties.of(
        configuration(settings), new DeadLetters("errors", serializer, meters), MEMORY);
  }
}
