package io.millrace.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.batching.MicroBatch.Trigger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MicroBatcherTest {

  private static final long WAIT = 1000;
  private static final long SLACK = 100;

  private final MicroBatcher<TestPrompt> batcher =
      new MicroBatcher<>(new MicroBatchPolicy(3, 50, WAIT, SLACK));

  @Test
  void nothingIsReleasedBeforeAConditionHolds() {
    batcher.add(TestPrompt.of("a", 10), 0);
    assertThat(batcher.poll(WAIT - 1)).isEmpty();
    assertThat(batcher.size()).isEqualTo(1);
  }

  @Test
  void aFullBatchIsReleasedAtOnceInOrderOfArrival() {
    for (var id : List.of("a", "b", "c", "d")) {
      batcher.add(TestPrompt.of(id, 1), 0);
    }
    var batch = batcher.poll(0).orElseThrow();
    assertThat(batch.trigger()).isEqualTo(Trigger.SIZE);
    assertThat(batch.prompts()).extracting(TestPrompt::requestId).containsExactly("a", "b", "c");
    assertThat(batcher.poll(0)).isEmpty();
  }

  @Test
  void theTokenBudgetReleasesAndIsNotExceeded() {
    batcher.add(TestPrompt.of("a", 30), 0);
    batcher.add(TestPrompt.of("b", 30), 0);
    var batch = batcher.poll(0).orElseThrow();
    assertThat(batch.trigger()).isEqualTo(Trigger.TOKENS);
    assertThat(batch.prompts()).extracting(TestPrompt::requestId).containsExactly("a");
  }

  @Test
  void aPromptOverTheTokenBudgetGoesAlone() {
    batcher.add(TestPrompt.of("long", 500), 0);
    assertThat(batcher.poll(0).orElseThrow().prompts()).hasSize(1);
  }

  @Test
  void theOldestPromptBoundsTheWait() {
    batcher.add(TestPrompt.of("a", 1), 0);
    batcher.add(TestPrompt.of("b", 1), WAIT - 1);
    assertThat(batcher.nextReleaseNanos()).isEqualTo(WAIT);
    var batch = batcher.poll(WAIT).orElseThrow();
    assertThat(batch.trigger()).isEqualTo(Trigger.AGE);
    assertThat(batch.prompts()).hasSize(2);
  }

  @Test
  void aNearDeadlineReleasesEarly() {
    batcher.add(TestPrompt.of("a", 1), 0);
    batcher.add(TestPrompt.of("b", 1).withDeadlineNanos(400), 0);
    assertThat(batcher.nextReleaseNanos()).isEqualTo(400 - SLACK);
    assertThat(batcher.poll(299)).isEmpty();
    assertThat(batcher.poll(300).orElseThrow().trigger()).isEqualTo(Trigger.DEADLINE);
  }

  @Test
  void aRemovedPromptIsNotReleasedAndFreesItsTokens() {
    batcher.add(TestPrompt.of("a", 40), 0);
    assertThat(batcher.remove("a")).isTrue();
    assertThat(batcher.remove("a")).isFalse();
    batcher.add(TestPrompt.of("b", 20), 0);
    assertThat(batcher.poll(0)).isEmpty();
    assertThat(batcher.nextReleaseNanos()).isEqualTo(WAIT);
  }

  @Property
  void everyPromptIsReleasedOnceInOrderAndWithinTheLimits(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 80) Integer> lengths) {
    var collector = new MicroBatcher<TestPrompt>(new MicroBatchPolicy(4, 64, WAIT, SLACK));
    List<String> released = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < lengths.size(); i++) {
      collector.add(TestPrompt.of("p" + i, lengths.get(i)), now);
      release(collector, now, released);
      now += 300;
    }
    release(collector, now + WAIT, released);
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < lengths.size(); i++) {
      sent.add("p" + i);
    }
    assertThat(released).isEqualTo(sent);
    assertThat(collector.size()).isZero();
  }

  private static void release(MicroBatcher<TestPrompt> collector, long now, List<String> released) {
    for (var batch = collector.poll(now); batch.isPresent(); batch = collector.poll(now)) {
      var prompts = batch.get().prompts();
      assertThat(prompts).hasSizeBetween(1, 4);
      if (prompts.size() > 1) {
        assertThat(prompts.stream().mapToInt(TestPrompt::promptTokens).sum())
            .isLessThanOrEqualTo(64);
      }
      prompts.forEach(prompt -> released.add(prompt.requestId()));
    }
    assertThat(collector.nextReleaseNanos()).isGreaterThan(now);
  }
}
