package io.millrace.topology.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PausedPartitionsTest {

  private static final TopicPartition A = new TopicPartition("prompts", 0);
  private static final TopicPartition B = new TopicPartition("prompts", 1);
  private static final Set<TopicPartition> BOTH = Set.of(A, B);

  private final PausedPartitions paused = new PausedPartitions();

  @Test
  void aLoadedPartitionIsPausedAndResumedOnce() {
    assertThat(paused.loadIs(BOTH, Set.of(A)).pause()).containsExactly(A);
    assertThat(paused.loadIs(BOTH, Set.of()).resume()).containsExactly(A);
    assertThat(paused.loadIs(BOTH, Set.of()).resume()).isEmpty();
  }

  @Test
  void streamsDoesNotResumeWhatIsLoaded() {
    paused.loadIs(BOTH, Set.of(A));
    paused.streamsPauses(BOTH);
    assertThat(paused.streamsResumes(BOTH)).containsExactly(B);
    assertThat(paused.loadIs(BOTH, Set.of()).resume()).containsExactly(A);
  }

  @Test
  void aLighterLoadDoesNotResumeWhatStreamsPaused() {
    paused.streamsPauses(List.of(A));
    paused.loadIs(BOTH, Set.of(A));
    assertThat(paused.loadIs(BOTH, Set.of()).resume()).isEmpty();
    assertThat(paused.streamsResumes(List.of(A))).containsExactly(A);
  }

  @Test
  void aPartitionThatWentAwayAndCameBackIsPausedAgain() {
    paused.streamsPauses(List.of(B));
    paused.loadIs(BOTH, BOTH);
    paused.loadIs(Set.of(), Set.of());
    assertThat(paused.loadIs(BOTH, BOTH).pause()).isEqualTo(BOTH);
    assertThat(paused.loadIs(BOTH, Set.of()).resume()).as("and free of Streams").isEqualTo(BOTH);
  }

  @Test
  void aPartitionThatWentAwayAndCameBackUnseenIsPausedAgain() {
    paused.loadIs(BOTH, Set.of(A));
    // Lost and assigned again within one poll, it is in both assignments.
    assertThat(paused.loadIs(BOTH, Set.of(A)).pause()).containsExactly(A);
  }

  @Test
  void whateverHappensAPartitionIsFetchedJustWhenNeitherPartyPausesIt() {
    var random = new Random(7);
    Set<TopicPartition> consumer = new HashSet<>();
    Set<TopicPartition> streams = new HashSet<>();
    Set<TopicPartition> load = new HashSet<>();
    for (int step = 0; step < 10_000; step++) {
      var one = random.nextBoolean() ? A : B;
      switch (random.nextInt(4)) {
        case 0 -> {
          streams.add(one);
          paused.streamsPauses(List.of(one));
          consumer.add(one);
        }
        case 1 -> {
          streams.remove(one);
          consumer.removeAll(paused.streamsResumes(List.of(one)));
        }
        case 2 -> load.add(one);
        default -> load.remove(one);
      }
      var change = paused.loadIs(BOTH, Set.copyOf(load));
      consumer.addAll(change.pause());
      consumer.removeAll(change.resume());
      Set<TopicPartition> expected = new HashSet<>(streams);
      expected.addAll(load);
      assertThat(consumer).as("step " + step).isEqualTo(expected);
    }
  }
}
