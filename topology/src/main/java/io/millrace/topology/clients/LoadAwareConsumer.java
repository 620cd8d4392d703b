package io.millrace.topology.clients;

import io.millrace.topology.load.PartitionLoads;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The consumer of a stream thread, which knows the load of its partitions.
 *
 * <p>A stream thread sleeps in {@code poll} and drains the engine after it. While prompts are in
 * flight the sleep is cut to a millisecond, so that tokens leave soon; while none are, the thread
 * sleeps as long as it is told to and costs nothing. Partitions with all the prompts they may have
 * are not fetched: pausing the consumer is the one way to hold back input without stopping the
 * punctuators that drain.
 */
final class LoadAwareConsumer extends KafkaConsumer<byte[], byte[]> {

  private static final Duration BUSY = Duration.ofMillis(1);

  private final PartitionLoads loads;
  private final PausedPartitions paused = new PausedPartitions();

  LoadAwareConsumer(Map<String, Object> properties, PartitionLoads loads) {
    super(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.loads = loads;
  }

  @Override
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    var assigned = assignment();
    var change = paused.loadIs(assigned, loads.unwanted(assigned));
    super.pause(change.pause());
    super.resume(change.resume());
    boolean shorten = timeout.compareTo(BUSY) > 0 && loads.isBusy(assigned);
    return super.poll(shorten ? BUSY : timeout);
  }

  @Override
  public void pause(Collection<TopicPartition> partitions) {
    paused.streamsPauses(partitions);
    super.pause(partitions);
  }

  @Override
  public void resume(Collection<TopicPartition> partitions) {
    super.resume(paused.streamsResumes(partitions));
  }
}
