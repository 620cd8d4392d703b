package io.millrace.topology.processor;

import io.millrace.events.Completion;
import io.millrace.topology.clients.RecordSize;
import org.apache.kafka.common.serialization.Serializer;

/** Whether a completion is small enough to be written, in the bytes it is written in. */
public final class CompletionSize {

  private final Serializer<Completion> serializer;
  private final String topic;
  private final long maxBytes;

  /**
   * @param topic the completions topic
   * @param maxBytes of the largest record that the producer takes
   */
  public CompletionSize(Serializer<Completion> serializer, String topic, long maxBytes) {
    this.serializer = serializer;
    this.topic = topic;
    this.maxBytes = maxBytes;
  }

  boolean fits(Origin origin, Completion completion) {
    byte[] value = serializer.serialize(topic, completion);
    return RecordSize.of(origin.key(), value, origin.headers()) <= maxBytes;
  }
}
