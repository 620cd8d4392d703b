package io.millrace.system;

import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** Makes consumers without a group that read one topic from its beginning. */
public final class TopicReaders {

  static final String COMMITTED = "read_committed";
  static final String UNCOMMITTED = "read_uncommitted";

  private TopicReaders() {}

  /** Read committed, values as they are. */
  public static KafkaConsumer<byte[], byte[]> raw(
      MillraceConfiguration configuration, String topic) {
    return open(properties(configuration, COMMITTED), topic, new ByteArrayDeserializer());
  }

  /**
   * Values in the configuration's format.
   *
   * @param properties as {@link #properties} makes them
   */
  static <T extends SpecificRecord> KafkaConsumer<byte[], T> events(
      MillraceConfiguration configuration, Properties properties, String topic, Class<T> type) {
    var serde =
        configuration
            .format()
            .values()
            .values(type, ConfiguredFormat.serdeProperties(configuration));
    return open(properties, topic, serde.deserializer());
  }

  static Properties properties(MillraceConfiguration configuration, String isolation) {
    var properties = new Properties();
    properties.put("bootstrap.servers", configuration.bootstrapServers());
    properties.put("isolation.level", isolation);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    return properties;
  }

  private static <T> KafkaConsumer<byte[], T> open(
      Properties properties, String topic, Deserializer<T> values) {
    var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), values);
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }
}
