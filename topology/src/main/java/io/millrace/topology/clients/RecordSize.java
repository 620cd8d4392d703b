package io.millrace.topology.clients;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** How many bytes a record takes on its way to the broker. */
public final class RecordSize {

  /** More than what a batch and a record add to key, value and headers (82 bytes). */
  private static final int RECORD_OVERHEAD = 128;

  private static final int HEADER_OVERHEAD = 10;

  private RecordSize() {}

  /** An upper bound, as Kafka's own check uses one. */
  public static long of(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    long bytes = RECORD_OVERHEAD + length(key) + length(value);
    for (var header : headers) {
      bytes +=
          HEADER_OVERHEAD
              + header.key().getBytes(StandardCharsets.UTF_8).length
              + length(header.value());
    }
    return bytes;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
