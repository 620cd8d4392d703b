package io.millrace.cli.topics;

import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Where logs end, open transactions included. A consumer that reads what is committed does not know
 * it: to that, a log ends where the first open transaction begins.
 */
public final class LogEnds {

  private LogEnds() {}

  /**
   * Asks the brokers.
   *
   * @param properties of a consumer without a group
   * @return of each partition the offset behind its last record
   */
  public static Map<TopicPartition, Long> of(
      Properties properties, Collection<TopicPartition> partitions) {
    var uncommitted = new Properties();
    uncommitted.putAll(properties);
    uncommitted.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    try (var consumer =
        new KafkaConsumer<>(
            uncommitted, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return consumer.endOffsets(partitions);
    }
  }
}
