package io.millrace.topology.handler;

import io.millrace.events.ErrorEvent;
import io.millrace.events.Stage;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.ErrorEvents;
import io.millrace.topology.processor.Origin;
import java.nio.ByteBuffer;
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
    var event = ErrorEvents.about(origin).setRequestId(requestId);
    event.setOriginalValue(value == null ? null : ByteBuffer.wrap(value));
    return letter(event, stage, code, message, origin.timestamp(), origin.key(), origin.headers());
  }

  /**
   * A dead letter about an event of which it is not known any more what record it is about; but it
   * has that one's key and headers.
   */
  ProducerRecord<byte[], byte[]> letter(
      ProducerRecord<?, ?> unwritten, Stage stage, String code, String message) {
    byte[] key = unwritten.key() instanceof byte[] bytes ? bytes : null;
    var headers = unwritten.headers();
    return letter(
        ErrorEvents.about(key, headers), stage, code, message, unwritten.timestamp(), key, headers);
  }

  private ProducerRecord<byte[], byte[]> letter(
      ErrorEvent.Builder event,
      Stage stage,
      String code,
      String message,
      @Nullable Long timestamp,
      byte @Nullable [] key,
      Headers headers) {
    meters.deadLetter(stage, code);
    var letter = event.setStage(stage).setCode(code).setMessage(message).build();
    var bytes = serializer.serialize(topic, letter);
    return new ProducerRecord<>(topic, null, timestamp, key, bytes, headers);
  }
}
