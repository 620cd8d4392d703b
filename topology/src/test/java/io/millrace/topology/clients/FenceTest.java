package io.millrace.topology.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class FenceTest {

  private static final TopicPartition FIRST = new TopicPartition("prompts", 0);
  private static final TopicPartition SECOND = new TopicPartition("prompts", 1);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final Fence fence = new Fence(() -> consumer);

  private static OffsetAndMetadata at(long offset) {
    return new OffsetAndMetadata(offset, "time");
  }

  @Test
  void whatKafkaStreamsCommitsIsCommitted() {
    consumer.assign(List.of(FIRST, SECOND));
    consumer.commitSync(Map.of(FIRST, at(3), SECOND, at(5)));
    assertThat(fence.offsets(Map.of(FIRST, at(4)))).isEqualTo(Map.of(FIRST, at(4)));
  }

  @Test
  void withoutOffsetsThoseOfTheAssignedPartitionsAreCommittedAgain() {
    consumer.assign(List.of(FIRST, SECOND));
    consumer.commitSync(Map.of(SECOND, at(5)));
    assertThat(fence.offsets(Map.of())).isEqualTo(Map.of(SECOND, at(5)));
  }

  @Test
  void aGroupThatHasCommittedNothingHasNothingToLose() {
    consumer.assign(List.of(FIRST));
    assertThat(fence.offsets(Map.of())).isEmpty();
  }
}
