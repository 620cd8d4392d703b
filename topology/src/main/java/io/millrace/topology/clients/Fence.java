package io.millrace.topology.clients;

import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has every transaction of a stream thread commit offsets.
 *
 * <p>A thread that has lost its partitions without knowing it, as after a long pause, is kept from
 * committing by the offsets in its transaction alone: the group's coordinator refuses those of a
 * former member. Kafka Streams commits none for a task that has read no record since it was
 * assigned, and such a task here may end prompts that it found in its store. Without offsets its
 * transaction would go through, beside that of the new owner, and the prompts would end twice.
 */
final class Fence {

  private static final Logger LOG = LoggerFactory.getLogger(Fence.class);

  private final Supplier<? extends @Nullable Consumer<?, ?>> consumer;

  /**
   * @param consumer that of the thread, which has to be the caller of {@link #offsets}; null if it
   *     has none
   */
  Fence(Supplier<? extends @Nullable Consumer<?, ?>> consumer) {
    this.consumer = consumer;
  }

  /**
   * What to commit in a transaction: what Kafka Streams has, or else what is committed already for
   * the partitions of this thread, which changes nothing and is refused if they are another's.
   */
  Map<TopicPartition, OffsetAndMetadata> offsets(Map<TopicPartition, OffsetAndMetadata> given) {
    var own = consumer.get();
    if (!given.isEmpty() || own == null) {
      return given;
    }
    var committed =
        own.committed(own.assignment()).entrySet().stream()
            .filter(entry -> entry.getValue() != null)
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    if (committed.isEmpty()) {
      LOG.warn("A transaction without offsets: nothing is committed yet for {}", own.assignment());
    }
    return committed;
  }
}
