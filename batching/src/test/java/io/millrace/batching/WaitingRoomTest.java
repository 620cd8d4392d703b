package io.millrace.batching;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {

  private static final long AGEING = 100;

  private WaitingRoom<TestPrompt> room = new WaitingRoom<>(AGEING);

  @Test
  void waitingMakesUpForALevelOfPriority() {
    add("late", 1, 0);
    add("before", 0, AGEING - 1);
    add("at once", 0, AGEING);
    add("after", 0, AGEING + 1);
    assertThat(order()).containsExactly("before", "at once", "late", "after");
  }

  @Test
  void anyPriorityIsALaneOfItsOwn() {
    add("last", Integer.MAX_VALUE, 0);
    add("first", Integer.MIN_VALUE, 5);
    add("between", 0, 3);
    assertThat(order()).containsExactly("first", "between", "last");
  }

  @Test
  void tenantsTakeTurnsHoweverManyPromptsTheyHave() {
    for (int i = 0; i < 4; i++) {
      room.add(TestPrompt.of("busy" + i, 10).from("busy", "p0"), 0);
    }
    room.add(TestPrompt.of("calm0", 10).from("calm", "p0"), 0);
    room.add(TestPrompt.of("calm1", 10).from("calm", "p0"), 0);
    assertThat(order()).containsExactly("busy0", "calm0", "busy1", "calm1", "busy2", "busy3");
  }

  @Test
  void sourcesOfATenantHaveOneShareTogether() {
    for (int i = 0; i < 4; i++) {
      room.add(TestPrompt.of("a" + i, 10).from("a", "p" + i % 2), 0);
      room.add(TestPrompt.of("b" + i, 10).from("b", "p0"), 0);
    }
    assertThat(order().subList(0, 4)).filteredOn(id -> id.startsWith("a")).hasSize(2);
  }

  @Test
  void whatAnAnswerTookMoreThanExpectedCountsForItsTenant() {
    for (int i = 0; i < 3; i++) {
      room.add(TestPrompt.of("a" + i, 10).from("a", "p0"), 0);
      room.add(TestPrompt.of("b" + i, 10).from("b", "p0"), 0);
    }
    var first = room.next().orElseThrow();
    assertThat(first.requestId()).isEqualTo("a0");
    room.answered(first, 1_000);
    assertThat(order()).containsExactly("b0", "b1", "b2", "a1", "a2");
  }

  @Test
  void whoWaitsForEachAnswerPaysForItToo() {
    for (int i = 0; i < 6; i++) {
      room.add(TestPrompt.of("b" + i, 10).from("b", "p0"), 0);
    }
    room.add(TestPrompt.of("a0", 10).from("a", "p0"), 0);
    List<String> order = new ArrayList<>();
    for (int turn = 0; turn < 7; turn++) {
      var next = room.next().orElseThrow();
      order.add(next.requestId());
      boolean isLong = next.tenant().equals("a");
      room.answered(next, isLong ? 70 : 16);
      if (isLong) {
        room.add(TestPrompt.of("a1", 10).from("a", "p0"), 0);
      }
    }
    // The first answer of a was charged as 16 tokens and took 70: b is served until it had as many.
    assertThat(order).containsExactly("b0", "a0", "b1", "b2", "b3", "a1", "b4");
  }

  @Test
  void forgetsTenantsThatHaveNothingToPay() {
    for (int index = 0; index < 1_000; index++) {
      room.add(TestPrompt.of("r", 10).from("tenant" + index, "p0").withPriority(index), 0);
      room.answered(room.next().orElseThrow(), 5);
    }
    assertThat(room.lanes()).isZero();
  }

  @Test
  void thoseRemovedComeInOrderOfArrival() {
    add("x", 3, 0);
    add("y", 0, 1);
    add("z", 0, 2);
    assertThat(room.removeIf(prompt -> !prompt.requestId().equals("y")))
        .extracting(TestPrompt::requestId)
        .containsExactly("x", "z");
    assertThat(room.size()).isEqualTo(1);
    assertThat(room.promptTokens()).isEqualTo(1);
  }

  /**
   * Tenants that always have prompts waiting, of whatever lengths, get tokens alike: never more
   * apart than two of the longest prompts and their answers.
   */
  @Property(tries = 200)
  void tenantsThatWaitGetEqualShares(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 5) int tenants) {
    room = new WaitingRoom<>(AGEING);
    var random = new Random(seed);
    int longest = 200;
    int[] usual = random.ints(tenants, 1, longest).toArray();
    long[] tokens = new long[tenants];
    for (int tenant = 0; tenant < tenants; tenant++) {
      addOf(tenant, usual, random);
      addOf(tenant, usual, random);
    }
    for (int served = 0; served < 300; served++) {
      var next = room.next().orElseThrow();
      int tenant = Integer.parseInt(next.tenant());
      // Answers are as different from tenant to tenant as prompts are.
      int generated = random.nextInt(usual[tenant] + 1);
      if (random.nextBoolean()) {
        // Waits for its answer before it asks again.
        room.answered(next, generated);
        addOf(tenant, usual, random);
      } else {
        addOf(tenant, usual, random);
        room.answered(next, generated);
      }
      tokens[tenant] += next.promptTokens() + generated;
      for (long others : tokens) {
        assertThat(tokens[tenant] - others).isLessThanOrEqualTo(4L * longest);
      }
    }
  }

  /** Whatever comes after it, a prompt is served after a number of others that does not grow. */
  @Property(tries = 100)
  void nothingWaitsForEver(@ForAll long seed) {
    room = new WaitingRoom<>(AGEING);
    var random = new Random(seed);
    Map<String, Integer> servedWhenAdded = new HashMap<>();
    List<Integer> waited = new ArrayList<>();
    int served = 0;
    for (long now = 0; now < 6_000; now++) {
      // As many come as are served, most of them urgent and each of a tenant that was not there
      // before, beside those that wait.
      var prompt =
          TestPrompt.of("r" + now, 1 + random.nextInt(50))
              .withPriority(random.nextInt(10) == 0 ? 4 : 0)
              .from(random.nextInt(3) == 0 ? "old" : "new" + now, random.nextInt(2));
      servedWhenAdded.put(prompt.requestId(), served);
      room.add(prompt, now);
      if (now >= 20) {
        var next = room.next().orElseThrow();
        room.answered(next, random.nextInt(100));
        int before = requireNonNull(servedWhenAdded.remove(next.requestId()));
        waited.add(served - before);
        served++;
      }
    }
    // Four levels of priority are worth 400 others; the backlog and an unfair turn or two, the
    // rest.
    assertThat(waited).allMatch(others -> others < 600);
    assertThat(servedWhenAdded).hasSize(20);
  }

  private void addOf(int tenant, int[] usual, Random random) {
    int length = 1 + random.nextInt(usual[tenant]);
    room.add(TestPrompt.of("r", length).from(Integer.toString(tenant), "p0"), 0);
  }

  private void add(String id, int priority, long nowNanos) {
    room.add(TestPrompt.of(id, 1).withPriority(priority), nowNanos);
  }

  private List<String> order() {
    List<String> order = new ArrayList<>();
    for (var next = room.next(); next.isPresent(); next = room.next()) {
      order.add(next.get().requestId());
    }
    return order;
  }
}
