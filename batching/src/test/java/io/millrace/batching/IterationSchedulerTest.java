package io.millrace.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.batching.SlotAllocator.Move;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class IterationSchedulerTest {

  private final IterationScheduler<TestPrompt> scheduler =
      new IterationScheduler<>(new SchedulerLimits(2, 4, 300, 1_000));

  @Test
  void promptsAreAdmittedInOrderOfArrivalWhileSlotsAreFree() {
    var a = offered(TestPrompt.of("a", 1));
    var b = offered(TestPrompt.of("b", 1));
    var c = offered(TestPrompt.of("c", 1));
    assertThat(scheduler.admit()).contains(a);
    assertThat(scheduler.admit()).contains(b);
    assertThat(scheduler.running()).containsExactly(a, b);
    assertThat(scheduler.admit()).isEmpty();
    assertThat(scheduler.waiting()).isEqualTo(1);

    assertThat(scheduler.retire(1, 0)).isEmpty();
    assertThat(scheduler.admit()).contains(c);
  }

  @Test
  void aLowerPriorityValueIsAdmittedEarlier() {
    offered(TestPrompt.of("later", 1).withPriority(5));
    var urgent = offered(TestPrompt.of("urgent", 1).withPriority(-1));
    assertThat(scheduler.admit()).contains(urgent);
  }

  @Test
  void retiringARowMovesTheLastOneIntoItsPlace() {
    offered(TestPrompt.of("a", 1));
    var b = offered(TestPrompt.of("b", 1));
    scheduler.admit();
    scheduler.admit();
    assertThat(scheduler.retire(0, 0)).contains(new Move(1, 0));
    assertThat(scheduler.running()).containsExactly(b);
  }

  @Test
  void theWaitingRoomIsBoundedByPrompts() {
    for (int i = 0; i < 4; i++) {
      offered(TestPrompt.of("p" + i, 1));
    }
    assertThat(scheduler.offer(TestPrompt.of("one too many", 1), 0)).isFalse();
    assertThat(scheduler.waiting()).isEqualTo(4);
  }

  @Test
  void theWaitingRoomIsBoundedByTokens() {
    offered(TestPrompt.of("a", 200));
    assertThat(scheduler.offer(TestPrompt.of("too long now", 101), 0)).isFalse();
    offered(TestPrompt.of("b", 100));
    scheduler.admit();
    offered(TestPrompt.of("too long before", 101));
  }

  @Test
  void aPromptLongerThanTheBoundWaitsAlone() {
    var huge = offered(TestPrompt.of("huge", 1000));
    assertThat(scheduler.offer(TestPrompt.of("b", 1), 0)).isFalse();
    assertThat(scheduler.admit()).contains(huge);
  }

  @Test
  void waitingPromptsExpireAtTheirDeadline() {
    var early = offered(TestPrompt.of("early", 1).withDeadlineNanos(10));
    var late = offered(TestPrompt.of("late", 1).withDeadlineNanos(20));
    offered(TestPrompt.of("never", 1));
    assertThat(scheduler.expireWaiting(9)).isEmpty();
    assertThat(scheduler.expireWaiting(10)).containsExactly(early);
    assertThat(scheduler.expireWaiting(50)).containsExactly(late);
    assertThat(scheduler.waiting()).isEqualTo(1);
  }

  @Test
  void aWithdrawnPromptIsNotAdmitted() {
    var a = offered(TestPrompt.of("a", 1));
    assertThat(scheduler.withdraw(a)).isTrue();
    assertThat(scheduler.withdraw(a)).isFalse();
    assertThat(scheduler.admit()).isEmpty();
    assertThat(scheduler.isIdle()).isTrue();
  }

  @Test
  void equalRequestIdsOfTwoOwnersAreTwoPrompts() {
    offered(TestPrompt.of("same", 1));
    var second = offered(TestPrompt.of("same", 1));
    assertThat(scheduler.withdraw(second)).isTrue();
    assertThat(scheduler.waiting()).isEqualTo(1);
  }

  /** Runs a random load to its end in simulated time and accounts for every prompt. */
  @Property(tries = 200)
  void everyPromptLeavesExactlyOnce(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int slotCount) {
    var random = new Random(seed);
    var load = new IterationScheduler<TestPrompt>(new SchedulerLimits(slotCount, 8, 400, 3));
    List<TestPrompt> accepted = new ArrayList<>();
    List<TestPrompt> left = new ArrayList<>();
    for (long now = 0; now < 300 || !load.isIdle(); now++) {
      if (now < 300) {
        var prompt = randomPrompt(random, now);
        if (load.offer(prompt, now)) {
          accepted.add(prompt);
        }
        if (random.nextInt(8) == 0) {
          var chosen = accepted.get(random.nextInt(accepted.size()));
          if (load.withdraw(chosen)) {
            left.add(chosen);
          }
        }
      }
      left.addAll(load.expireWaiting(now));
      retireSome(load, random, left);
      int before = load.running().size();
      while (random.nextInt(4) > 0) {
        load.admit().ifPresent(prompt -> assertThat(load.running()).endsWith(prompt));
      }
      assertThat(load.running()).hasSizeBetween(before, slotCount);
      assertThat(load.waiting()).isLessThanOrEqualTo(8);
    }
    assertThat(left).containsExactlyInAnyOrderElementsOf(accepted);
  }

  private static TestPrompt randomPrompt(Random random, long now) {
    long deadline = random.nextInt(4) == 0 ? now + random.nextInt(20) : Batchable.NO_DEADLINE;
    return TestPrompt.of("p" + now, 1 + random.nextInt(80))
        .withPriority(random.nextInt(3))
        .withDeadlineNanos(deadline)
        .from("tenant" + random.nextInt(3), random.nextInt(2));
  }

  private static void retireSome(
      IterationScheduler<TestPrompt> load, Random random, List<TestPrompt> left) {
    for (int slot = load.running().size() - 1; slot >= 0; slot--) {
      if (random.nextInt(3) > 0) {
        continue;
      }
      left.add(load.running().get(slot));
      int rowsBefore = load.running().size();
      var expected = load.running().getLast();
      var move = load.retire(slot, random.nextInt(100));
      assertThat(load.running()).hasSize(rowsBefore - 1);
      if (move.isPresent()) {
        assertThat(load.running().get(slot)).isSameAs(expected);
      }
    }
  }

  private TestPrompt offered(TestPrompt prompt) {
    assertThat(scheduler.offer(prompt, 0)).isTrue();
    return prompt;
  }
}
