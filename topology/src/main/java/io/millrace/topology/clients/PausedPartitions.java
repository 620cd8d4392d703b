package io.millrace.topology.clients;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Two parties pause the partitions of one consumer: Kafka Streams, for its own buffers and for
 * restoration, and the processors, for their load. A partition is fetched while neither does.
 */
final class PausedPartitions {

  /** What is to be done with the consumer. */
  record Change(Set<TopicPartition> pause, Set<TopicPartition> resume) {}

  private final Set<TopicPartition> byStreams = new HashSet<>();
  private final Set<TopicPartition> byLoad = new HashSet<>();

  void streamsPauses(Collection<TopicPartition> partitions) {
    byStreams.addAll(partitions);
  }

  /** Returns those of them that may be fetched again. */
  Set<TopicPartition> streamsResumes(Collection<TopicPartition> partitions) {
    byStreams.removeAll(Set.copyOf(partitions));
    Set<TopicPartition> free = new HashSet<>(partitions);
    free.removeAll(byLoad);
    return free;
  }

  /**
   * Takes the load of the assigned partitions into account. What is to be paused is said again each
   * time: a partition that went away and came back within one poll is unpaused, unseen from here.
   */
  Change loadIs(Set<TopicPartition> assigned, Set<TopicPartition> unwanted) {
    // A partition that went away and came back starts unpaused.
    byStreams.retainAll(assigned);
    byLoad.retainAll(assigned);
    Set<TopicPartition> resume = new HashSet<>(byLoad);
    resume.removeAll(unwanted);
    byLoad.addAll(unwanted);
    byLoad.removeAll(resume);
    resume.removeAll(byStreams);
    return new Change(unwanted, resume);
  }
}
