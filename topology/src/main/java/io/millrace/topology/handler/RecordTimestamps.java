package io.millrace.topology.handler;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The timestamp of the record, or the epoch for a record from before records had one. Kafka Streams
 * would stop at such a record, or skip it.
 */
public final class RecordTimestamps implements TimestampExtractor {

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return Math.max(0, record.timestamp());
  }
}
