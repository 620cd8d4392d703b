package io.millrace.topology.handler;

import io.millrace.events.ErrorEvent;
import io.millrace.events.OriginalHeader;
import io.millrace.events.Stage;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.Origin;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes error events outside of the topology, and counts them. Kafka Streams builds its handlers
 * itself, so they find this object in their configuration under {@link #PROPERTY}.
 */
public final class DeadLetters {

  /** The configuration key; the value is an instance of this class. */
  public static final String PROPERTY = "millrace.dead.letters";

  private final String topic;
  private final Serializer<ErrorEvent> serializer;
  private final PromptMeters meters;

  public DeadLetters(String topic, Serializer<ErrorEvent> serializer, PromptMeters meters) {
    this.topic = topic;
    this.serializer = serializer;
    this.meters = meters;
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
   * A dead letter about a record. Like every event it carries on the record's key, headers and
   * timestamp.
   *
   * @param value the original bytes, or null to leave them out
   * @param message holds no prompt text
   */
  ProducerRecord<byte[], byte[]> letter(
      Origin origin,
      @Nullable String requestId,
      byte @Nullable [] value,
      Stage stage,
      String code,
      String message) {
    meters.deadLetter(stage, code);
    var event =
        ErrorEvent.newBuilder()
            .setRequestId(requestId)
            .setStage(stage)
            .setCode(code)
            .setMessage(message)
            .setTopic(origin.topic())
            .setPartition(origin.partition())
            .setOffset(origin.offset())
            .setTimestamp(Instant.ofEpochMilli(origin.timestamp()))
            .setOriginalKey(buffer(origin.key()))
            .setOriginalValue(buffer(value))
            .setOriginalHeaders(headers(origin.headers()))
            .build();
    return new ProducerRecord<>(
        topic,
        null,
        origin.timestamp(),
        origin.key(),
        serializer.serialize(topic, event),
        origin.headers());
  }

  /**
   * A dead letter about an event of which it is not known any more what record it is about; but it
   * has that one's key and headers.
   */
  ProducerRecord<byte[], byte[]> letter(
      ProducerRecord<?, ?> unwritten, Stage stage, String code, String message) {
    byte[] key = unwritten.key() instanceof byte[] bytes ? bytes : null;
    meters.deadLetter(stage, code);
    var event =
        ErrorEvent.newBuilder()
            .setStage(stage)
            .setCode(code)
            .setMessage(message)
            .setOriginalKey(buffer(key))
            .setOriginalHeaders(headers(unwritten.headers()))
            .build();
    return new ProducerRecord<>(
        topic,
        null,
        unwritten.timestamp(),
        key,
        serializer.serialize(topic, event),
        unwritten.headers());
  }

  private static @Nullable ByteBuffer buffer(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static List<OriginalHeader> headers(Headers headers) {
    List<OriginalHeader> all = new ArrayList<>();
    headers.forEach(header -> all.add(new OriginalHeader(header.key(), buffer(header.value()))));
    return all;
  }
}
