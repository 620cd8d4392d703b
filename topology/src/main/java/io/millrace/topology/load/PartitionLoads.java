package io.millrace.topology.load;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
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

    boolean isUnwanted() {
      return full || holding;
    }
  }

  private final Map<TopicPartition, Load> loads = new ConcurrentHashMap<>();
  private final LongAdder pauses = new LongAdder();

  /** Sets the prompts in flight of a partition. */
  public void inFlight(TopicPartition partition, int inFlight, boolean urgent, boolean full) {
    loads.compute(
        partition,
        (key, load) -> {
          var before = load == null ? Load.NONE : load;
          return counted(before, new Load(inFlight, urgent, full, before.holding()));
        });
  }

  /** Sets whether a partition holds records that cannot be decoded yet. */
  public void holding(TopicPartition partition, boolean holding) {
    loads.compute(
        partition,
        (key, load) -> {
          var before = load == null ? Load.NONE : load;
          return counted(
              before, new Load(before.inFlight(), before.urgent(), before.full(), holding));
        });
  }

  private Load counted(Load before, Load after) {
    if (after.isUnwanted() && !before.isUnwanted()) {
      pauses.increment();
    }
    return after;
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
        .filter(partition -> load(partition).isUnwanted())
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

  /** Partitions from which nothing should be fetched now. */
  public int paused() {
    return (int) loads.values().stream().filter(Load::isUnwanted).count();
  }

  /** How often a partition of this instance became one from which nothing should be fetched. */
  public long pauses() {
    return pauses.sum();
  }

  private Load load(TopicPartition partition) {
    return loads.getOrDefault(partition, Load.NONE);
  }
}
