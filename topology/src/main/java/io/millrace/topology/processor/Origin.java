package io.millrace.topology.processor;

import io.millrace.topology.state.RecordHeader;
import io.millrace.topology.state.RecordOrigin;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The record a prompt came in: where it was, and the key, headers and timestamp that all of its
 * events carry on.
 *
 * @param timestamp milliseconds since the epoch
 */
@SuppressWarnings("ArrayRecordComponent") // the key is opaque and never compared
public record Origin(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte @Nullable [] key,
    Headers headers) {

  /** Lengths and counts; more than Avro's and Kafka's own. */
  private static final int HEADER_OVERHEAD = 10;

  static Origin of(Record<byte[], ?> record, RecordMetadata metadata) {
    return new Origin(
        metadata.topic(),
        metadata.partition(),
        metadata.offset(),
        record.timestamp(),
        record.key(),
        record.headers());
  }

  static Origin of(RecordOrigin state) {
    var headers = new RecordHeaders();
    state
        .getHeaders()
        .forEach(header -> headers.add(header.getKey(), bytesOrNull(header.getValue())));
    return new Origin(
        state.getTopic(),
        state.getPartition(),
        state.getOffset(),
        state.getTimestamp(),
        bytesOrNull(state.getKey()),
        headers);
  }

  RecordOrigin state() {
    List<RecordHeader> list = new ArrayList<>();
    headers.forEach(header -> list.add(new RecordHeader(header.key(), buffer(header.value()))));
    return new RecordOrigin(topic, partition, offset, timestamp, buffer(key), list);
  }

  /** Bytes of key and headers, which every event carries on, with what each header adds to them. */
  long carriedBytes() {
    long bytes = key == null ? 0 : key.length;
    for (var header : headers) {
      bytes +=
          HEADER_OVERHEAD
              + header.key().getBytes(StandardCharsets.UTF_8).length
              + (header.value() == null ? 0 : header.value().length);
    }
    return bytes;
  }

  /** Whether this and the other are one record. */
  boolean isSamePlace(Origin other) {
    return offset == other.offset && partition == other.partition && topic.equals(other.topic);
  }

  /** The same place, with nothing to carry on. */
  Origin bare() {
    return new Origin(topic, partition, offset, timestamp, null, new RecordHeaders());
  }

  /** An event with the key, headers and timestamp of this record. */
  <V> Record<byte[], V> event(V value) {
    return new Record<>(key, value, timestamp, headers);
  }

  static @Nullable ByteBuffer buffer(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static byte @Nullable [] bytesOrNull(@Nullable ByteBuffer buffer) {
    return buffer == null ? null : bytes(buffer);
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
