package io.millrace.cli.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.EmbeddedBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicRangeIT {

  private static final String TOPIC = "events";

  @TempDir private Path directory;

  /**
   * A killed processor leaves its transaction open for a while, and what others have committed
   * behind it is not to be taken for lost.
   */
  @Test
  void waits_for_the_transactions_that_were_open_when_it_began() throws Exception {
    try (var broker = EmbeddedBroker.start(directory, 0);
        var open = producer(broker, Map.of("transactional.id", "open"));
        var other = producer(broker, Map.of())) {
      createTopic(broker);
      open.initTransactions();
      open.beginTransaction();
      open.send(new ProducerRecord<>(TOPIC, "in the transaction")).get();
      other.send(new ProducerRecord<>(TOPIC, "behind it")).get();

      List<String> read = new ArrayList<>();
      try (var range = new TopicRange(readCommitted(broker), Optional.empty(), Optional.empty())) {
        var isOpen = new AtomicBoolean(true);
        range.read(
            List.of(TOPIC),
            record -> read.add(new String(record.value(), UTF_8)),
            records -> {
              if (isOpen.getAndSet(false)) {
                open.commitTransaction();
              }
            });
      }
      assertThat(read).containsExactly("in the transaction", "behind it");
    }
  }

  private static void createTopic(EmbeddedBroker broker) throws Exception {
    try (var admin = Admin.create(connection(broker))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
    }
  }

  private static KafkaProducer<String, String> producer(
      EmbeddedBroker broker, Map<String, String> more) {
    var properties = connection(broker);
    properties.putAll(more);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  private static Properties readCommitted(EmbeddedBroker broker) {
    var properties = connection(broker);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    return properties;
  }

  private static Properties connection(EmbeddedBroker broker) {
    var properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    return properties;
  }
}
