package io.millrace.system;

import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads one topic from its beginning and keeps nothing: for topics that do not fit the memory of a
 * test, and for those who want to know at once.
 */
final class Tail<T extends SpecificRecord> implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConsumer<byte[], T> consumer;

  /** Read committed. */
  Tail(MillraceConfiguration configuration, String topic, Class<T> type) {
    this(configuration, topic, type, "read_committed");
  }

  /**
   * @param isolation such as {@code read_uncommitted}
   */
  Tail(MillraceConfiguration configuration, String topic, Class<T> type, String isolation) {
    var properties = new Properties();
    properties.put("bootstrap.servers", configuration.bootstrapServers());
    properties.put("isolation.level", isolation);
    properties.put("enable.auto.commit", "false");
    var serde =
        configuration
            .format()
            .values()
            .values(type, ConfiguredFormat.serdeProperties(configuration));
    consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), serde.deserializer());
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Hands on what there is, or waits a little for more. Returns how many there were. */
  int read(Consumer<ConsumerRecord<byte[], T>> reader) {
    var records = consumer.poll(POLL);
    records.forEach(reader);
    return records.count();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
