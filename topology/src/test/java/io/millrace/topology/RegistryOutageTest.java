package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistryOutageTest {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void recordsWaitUntilTheRegistryAnswersAndKeepTheirOrder() {
    rig.format.unavailable = true;
    rig.send(Rig.chat("a", "hello"));
    rig.send(Rig.chat("b", "hello"));
    rig.pass(Duration.ofMinutes(1));
    assertThat(rig.errors()).isEmpty();
    assertThat(rig.engine.channel().submissions).isEmpty();

    rig.format.unavailable = false;
    rig.send(Rig.chat("c", "hello"));
    assertThat(rig.inflight.size()).as("c waits behind a and b").isZero();
    rig.pass(LONGEST_PAUSE);
    rig.flush();

    assertThat(rig.engine.channel().submissions).containsExactly("a", "b", "c");
    rig.engine.channel().complete("a");
    rig.engine.channel().complete("b");
    rig.engine.channel().complete("c");
    rig.tick();
    assertThat(rig.completions())
        .extracting(Completion::getRequestId)
        .containsExactly("a", "b", "c");
  }

  @Test
  void thePartitionIsNotFetchedMeanwhile() {
    var partition = Set.of(Rig.PROMPTS);
    rig.format.unavailable = true;
    rig.send(Rig.chat("a", "hello"));
    assertThat(rig.loads.unwanted(partition)).isEqualTo(partition);
    rig.format.unavailable = false;
    rig.pass(LONGEST_PAUSE);
    assertThat(rig.loads.unwanted(partition)).isEmpty();
  }

  @Test
  void whatIsInFlightGoesOnMeanwhile() {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.format.unavailable = true;
    rig.send(Rig.chat("b", "hello"));
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.completions()).hasSize(1);
  }

  @Test
  void aHeldPromptOnWhichValidationBreaksHasItsEndAndLetsTheNextOnePass() {
    rig.format.unavailable = true;
    rig.send(Rig.chat("poison", "poison"));
    rig.send(Rig.chat("b", "hello"));
    rig.engine.unencodable = "poison";
    rig.format.unavailable = false;
    rig.pass(LONGEST_PAUSE);
    rig.flush();

    assertThat(rig.completions())
        .extracting(completion -> completion.getRequestId() + " " + completion.getErrorCode())
        .containsExactly("poison internal_error");
    assertThat(rig.engine.channel().submissions).containsExactly("b");
  }

  @Test
  void aHeldRecordThatTurnsOutToBeNoPromptIsADeadLetter() {
    rig.format.unavailable = true;
    rig.send(null, new byte[] {1, 2, 3}, new RecordHeaders());
    rig.format.unavailable = false;
    rig.pass(LONGEST_PAUSE);
    assertThat(rig.errors())
        .singleElement()
        .satisfies(error -> assertThat(error.getOffset()).isZero());
  }
}
