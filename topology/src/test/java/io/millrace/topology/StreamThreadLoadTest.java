package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Token;
import io.millrace.topology.load.Doorbell;
import java.time.Duration;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a partition needs its stream thread, and when it is fetched no further. */
class StreamThreadLoadTest {

  private final Rig rig = new Rig("inflight.max-per-partition: 4", "inflight.resume-at: 2");

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aPartitionAtItsHighWaterMarkIsNotFetchedUntilItIsDownToTheLowOne() {
    var partition = Set.of(Rig.PROMPTS);
    IntStream.range(0, 4).forEach(i -> rig.send(Rig.chat("p" + i, "hello")));
    rig.flush();
    assertThat(rig.loads.unwanted(partition)).isEqualTo(partition);

    rig.engine.channel().complete("p0");
    rig.tick();
    assertThat(rig.loads.unwanted(partition)).as("three in flight").isEqualTo(partition);

    rig.engine.channel().complete("p1");
    rig.tick();
    assertThat(rig.loads.unwanted(partition)).as("two in flight").isEmpty();
    assertThat(rig.loads.isBusy(partition)).isTrue();
  }

  @Test
  void onlyAPromptThatWaitsForItsBatchIsUrgent() {
    var partition = Set.of(Rig.PROMPTS);
    rig.engine.room = 1;
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    assertThat(rig.loads.isUrgent(partition)).as("with the engine").isFalse();
    rig.send(Rig.chat("b", "hello"));
    assertThat(rig.loads.isUrgent(partition)).as("collected").isTrue();
    rig.flush();
    assertThat(rig.loads.isUrgent(partition)).as("due, but no room").isFalse();
  }

  @Test
  void theEngineRingsTheBellOfTheStreamThread() {
    var bell = Doorbell.ofThisThread();
    bell.await(0, 0);
    rig.engine.channel().onEvents.run();
    assertThat(bell.await(0, 0)).isTrue();
  }

  @Test
  void aTaskThatIsGoneLeavesNoLoad() {
    var gone = new Rig();
    gone.send(Rig.chat("a", "hello"));
    assertThat(gone.loads.inFlight()).isOne();
    gone.close();
    assertThat(gone.loads.inFlight()).isZero();
  }

  @Test
  void thePunctuatorRunsOnlyWhileSomethingIsInFlight() {
    int before = rig.punctuations();
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.punctuations()).isEqualTo(before);

    rig.send(Rig.chat("a", "hello"));
    rig.flush();
    rig.tick();
    assertThat(rig.punctuations()).isGreaterThan(before);

    rig.engine.channel().complete("a");
    rig.tick();
    int after = rig.punctuations();
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.punctuations()).isEqualTo(after);
  }

  @Test
  void thePunctuatorIsArmedAgainAfterARestartOnlyIfSomethingIsInFlight() {
    rig.restart();
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.punctuations()).isZero();

    rig.send(Rig.chat("a", "hello"));
    rig.restart();
    rig.tick();
    assertThat(rig.punctuations()).isOne();
  }

  @Test
  void aDrainTakesNoMoreEventsThanItMay() {
    try (var small = new Rig("inflight.drain-events: 2")) {
      small.send(Rig.chat("a", "hello"));
      small.flush();
      IntStream.range(0, 5).forEach(i -> small.engine.channel().token("a", "t" + i));
      small.tick();
      assertThat(small.tokens()).extracting(Token::getIndex).containsExactly(0, 1);
      assertThat(small.loads.isUrgent(Set.of(Rig.PROMPTS))).as("there is more").isTrue();
      small.tick();
      small.tick();
      assertThat(small.tokens()).extracting(Token::getIndex).containsExactly(2, 3, 4);
      assertThat(small.loads.isUrgent(Set.of(Rig.PROMPTS))).as("that was all").isFalse();
    }
  }
}
