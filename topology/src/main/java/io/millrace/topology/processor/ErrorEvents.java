package io.millrace.topology.processor;

import io.millrace.events.ErrorEvent;
import io.millrace.events.OriginalHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Begins error events with what they say of the record that they are about. */
public final class ErrorEvents {

  private ErrorEvents() {}

  /** About a record: its place, timestamp, key and headers. */
  public static ErrorEvent.Builder about(Origin origin) {
    return about(origin.key(), origin.headers())
        .setTopic(origin.topic())
        .setPartition(origin.partition())
        .setOffset(origin.offset())
        .setTimestamp(Instant.ofEpochMilli(origin.timestamp()));
  }

  /** About a record of which no more is known than its key and headers. */
  public static ErrorEvent.Builder about(byte @Nullable [] key, Headers headers) {
    List<OriginalHeader> original = new ArrayList<>();
    headers.forEach(
        header -> original.add(new OriginalHeader(header.key(), Origin.buffer(header.value()))));
    return ErrorEvent.newBuilder().setOriginalKey(Origin.buffer(key)).setOriginalHeaders(original);
  }
}
