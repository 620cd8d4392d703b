package io.millrace.topology.processor;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Events with a key go where Kafka's default partitioner puts them; those without one go by their
 * request id, so that all events of a prompt stay in order.
 */
public final class RequestIdPartitioner implements StreamPartitioner<byte[], SpecificRecord> {

  private static final String REQUEST_ID = "request_id";

  @Override
  public Optional<Set<Integer>> partitions(
      String topic, byte @Nullable [] key, SpecificRecord event, int partitionCount) {
    Schema.Field field = event.getSchema().getField(REQUEST_ID);
    if (key != null || field == null || event.get(field.pos()) == null) {
      return Optional.empty();
    }
    byte[] requestId = event.get(field.pos()).toString().getBytes(StandardCharsets.UTF_8);
    return Optional.of(Set.of(Utils.toPositive(Utils.murmur2(requestId)) % partitionCount));
  }
}
