package io.millrace.topology.handler;

import io.millrace.events.ErrorEvent;
import io.millrace.events.Stage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes error events outside of the topology. Kafka Streams builds its handlers itself, so they
 * find this object in their configuration under {@link #PROPERTY}.
 */
public final class DeadLetters {

  /** The configuration key; the value is an instance of this class. */
  public static final String PROPERTY = "millrace.dead.letters";

  private final String topic;
  private final Serializer<ErrorEvent> serializer;

  public DeadLetters(String topic, Serializer<ErrorEvent> serializer) {
    this.topic = topic;
    this.serializer = serializer;
  }

  static DeadLetters in(Map<String, ?> configuration) {
    if (configuration.get(PROPERTY) instanceof DeadLetters letters) {
      return letters;
    }
    throw new IllegalStateException(PROPERTY + " is not set");
  }

  /** Whether a record on this topic is a dead letter itself. */
  boolean isOwn(String recordTopic) {
    return topic.equals(recordTopic);
  }

  /**
   * A dead letter about the record that was being processed.
   *
   * @param key of the record it is about
   * @param value the original bytes, or null to leave them out
   * @param message holds no prompt text
   */
  ProducerRecord<byte[], byte[]> letter(
      ErrorHandlerContext context,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Stage stage,
      String code,
      String message) {
    // Punctuators have no record: no topic, and -1 for partition and offset.
    boolean known = context.topic() != null;
    var event =
        ErrorEvent.newBuilder()
            .setStage(stage)
            .setCode(code)
            .setMessage(message)
            .setTopic(context.topic())
            .setPartition(known ? context.partition() : null)
            .setOffset(known ? context.offset() : null)
            .setTimestamp(known ? Instant.ofEpochMilli(context.timestamp()) : null)
            .setOriginalKey(key == null ? null : ByteBuffer.wrap(key))
            .setOriginalValue(value == null ? null : ByteBuffer.wrap(value))
            .build();
    return new ProducerRecord<>(topic, key, serializer.serialize(topic, event));
  }
}
