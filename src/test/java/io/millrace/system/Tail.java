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
 * Reads one topic from its beginning, read committed, and keeps nothing: for topics that do not fit
 * the memory of a test.
 */
final class Tail<T extends SpecificRecord> implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConsumer<byte[], T> consumer;

  Tail(MillraceConfiguration configuration, String topic, Class<T> type) {
    var properties = new Properties();
    properties.put("bootstrap.servers", configuration.bootstrapServers());
    properties.put("isolation.level", "read_committed");
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
