package io.millrace.system;

import io.millrace.topology.config.MillraceConfiguration;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Reads one topic from its beginning and keeps nothing: for topics that do not fit the memory of a
 * test, and for those who want to know at once.
 */
final class Tail<T extends SpecificRecord> implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConsumer<byte[], T> consumer;

  /** Read committed. */
  Tail(MillraceConfiguration configuration, String topic, Class<T> type) {
    this(configuration, topic, type, TopicReaders.COMMITTED);
  }

  /**
   * @param isolation one of those of {@link TopicReaders}
   */
  Tail(MillraceConfiguration configuration, String topic, Class<T> type, String isolation) {
    var properties = TopicReaders.properties(configuration, isolation);
    consumer = TopicReaders.events(configuration, properties, topic, type);
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
