package io.millrace.topology.load;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * What the processors tell the consumers of their partitions. Written by the stream thread that
 * owns a task, read by the consumer of the same thread and by gauges; safe for all.
 */
public final class PartitionLoads {

  /**
   * The load of one partition.
   *
   * @param inFlight prompts accepted and not ended
   * @param urgent whether the stream thread is needed within a millisecond, because a prompt waits
   *     for its batch or the engine has more events than one drain takes
   * @param full whether nothing more should be fetched, for the prompts in flight
   * @param holding whether nothing more should be fetched, for records that wait to be decoded
   */
  private record Load(int inFlight, boolean urgent, boolean full, boolean holding) {
    static final Load NONE = new Load(0, false, false, false);
  }

  private final Map<TopicPartition, Load> loads = new ConcurrentHashMap<>();

  /** Sets the prompts in flight of a partition. */
  public void inFlight(TopicPartition partition, int inFlight, boolean urgent, boolean full) {
    loads.compute(
        partition, (key, load) -> new Load(inFlight, urgent, full, load != null && load.holding()));
  }

  /** Sets whether a partition holds records that cannot be decoded yet. */
  public void holding(TopicPartition partition, boolean holding) {
    loads.compute(
        partition,
        (key, load) ->
            load == null
                ? new Load(0, false, false, holding)
                : new Load(load.inFlight(), load.urgent(), load.full(), holding));
  }

  /** Forgets a partition that this instance no longer owns. */
  public void remove(TopicPartition partition) {
    loads.remove(partition);
  }

  /** Whether any of these partitions has a prompt in flight, so that tokens may come soon. */
  public boolean isBusy(Collection<TopicPartition> partitions) {
    return partitions.stream().anyMatch(partition -> load(partition).inFlight() > 0);
  }

  /** Whether any of these partitions needs the stream thread within a millisecond. */
  public boolean isUrgent(Collection<TopicPartition> partitions) {
    return partitions.stream().anyMatch(partition -> load(partition).urgent());
  }

  /** Those of these partitions from which nothing should be fetched now. */
  public Set<TopicPartition> unwanted(Collection<TopicPartition> partitions) {
    return partitions.stream()
        .filter(partition -> load(partition).full() || load(partition).holding())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Those that this instance owns. */
  public Set<TopicPartition> partitions() {
    return Set.copyOf(loads.keySet());
  }

  /** Prompts in flight on this instance. */
  public int inFlight() {
    return loads.values().stream().mapToInt(Load::inFlight).sum();
  }

  private Load load(TopicPartition partition) {
    return loads.getOrDefault(partition, Load.NONE);
  }
}
