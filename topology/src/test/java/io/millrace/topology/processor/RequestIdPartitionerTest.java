package io.millrace.topology.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.ErrorEvent;
import io.millrace.events.Stage;
import io.millrace.events.Token;
import io.millrace.schemas.GeneratedClasses;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestIdPartitionerTest {

  static {
    GeneratedClasses.trust();
  }

  private final RequestIdPartitioner partitioner = new RequestIdPartitioner();

  @Test
  void anEventWithAKeyGoesWhereKafkaPutsIt() {
    assertThat(partitioner.partitions("tokens", new byte[] {1}, token("a", 0), 6)).isEmpty();
  }

  @Test
  void allEventsOfAPromptWithoutAKeyGoToOnePartition() {
    var partitions = new HashSet<Optional<Set<Integer>>>();
    IntStream.range(0, 20)
        .forEach(i -> partitions.add(partitioner.partitions("tokens", null, token("a", i), 6)));
    assertThat(partitions).hasSize(1);
  }

  @Test
  void promptsWithoutAKeyAreSpread() {
    var partitions = new HashSet<Integer>();
    IntStream.range(0, 200)
        .forEach(
            i ->
                partitions.addAll(
                    partitioner.partitions("tokens", null, token("id" + i, 0), 6).orElseThrow()));
    assertThat(partitions).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
  }

  @Test
  void aDeadLetterWithoutKeyAndIdGoesWhereKafkaPutsIt() {
    var letter =
        ErrorEvent.newBuilder().setStage(Stage.DECODE).setCode("c").setMessage("m").build();
    assertThat(partitioner.partitions("errors", null, letter, 6)).isEmpty();
  }

  private static Token token(String requestId, int index) {
    return new Token(requestId, 1, index, "x", 5, null, null);
  }
}
