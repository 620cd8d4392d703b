package io.millrace.topology.clients;

import io.millrace.topology.load.Doorbell;
import io.millrace.topology.load.PartitionLoads;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The consumer of a stream thread, which knows the load of its partitions.
 *
 * <p>A stream thread sleeps in {@code poll} and drains the engine after it. While none of its
 * prompts is in flight the thread sleeps as long as it is told to and costs nothing. While some
 * are, it sleeps here, where the engine can wake it, and looks for records every few milliseconds:
 * each look takes a core away from the engine for a moment. Kafka's own {@code wakeup} is no way to
 * wake it, because what it interrupts may be a commit within a rebalance. Partitions with all the
 * prompts they may have are not fetched: pausing the consumer is the one way to hold back input
 * without stopping the punctuators that drain.
 */
final class LoadAwareConsumer extends KafkaConsumer<byte[], byte[]> {

  /** How long a record may lie at the broker while the thread has nothing to do but to wait. */
  private static final Duration NAP = Duration.ofMillis(5);

  /**
   * The period of the punctuator that drains the engine, the finest that Kafka Streams has: woken
   * sooner, the thread would find that it is not due.
   */
  private static final Duration SHORT_NAP = Duration.ofMillis(1);

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
    if (!loads.isBusy(assigned)) {
      return super.poll(timeout);
    }
    var records = super.poll(Duration.ZERO);
    if (records.isEmpty()) {
      nap(timeout, assigned);
    }
    return records;
  }

  private void nap(Duration longest, Set<TopicPartition> assigned) {
    var nap = loads.isUrgent(assigned) ? SHORT_NAP : NAP;
    Doorbell.ofThisThread().await(SHORT_NAP.toNanos(), Math.min(nap.toNanos(), longest.toNanos()));
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
