package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.request;
import static io.millrace.runtime.engine.EngineBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EngineSchedulingTest {

  @Test
  void admitsInOrderOfArrivalWithinAPriority() {
    var bench = new EngineBench(1, EngineBench::following);
    var channel = bench.channel(100);
    accept(channel, prioritized("second", 1));
    accept(channel, prioritized("third", 1));
    accept(channel, prioritized("first", 0));
    bench.run();
    assertThat(drain(channel))
        .filteredOn(Terminal.class::isInstance)
        .extracting(EngineEvent::requestId)
        .containsExactly("first", "second", "third");
  }

  private static GenerationRequest prioritized(String id, int priority) {
    return new GenerationRequest(
        id,
        1,
        new int[] {0},
        SamplingParameters.greedy(3),
        priority,
        Batchable.NO_DEADLINE,
        "",
        "");
  }

  @Test
  void prefillsALongPromptInChunksBetweenWhichOthersDecode() {
    var bench = new EngineBench(2, EngineBench::hashing);
    var channel = bench.channel(100);
    accept(channel, request("running", 8, 0));
    bench.run(1);
    accept(channel, request("long", 1, new int[20]));
    bench.run();
    assertThat(bench.decoder.calls)
        .containsSubsequence(
            "prefill 0..8", "decode 1", "prefill 8..16", "decode 1", "prefill 16..20");
    assertThat(bench.decoder.calls).doesNotContain("decode 2");
  }

  @Test
  void cutsAPromptWhereTheChunkEnds() {
    var bench = new EngineBench(4, EngineBench::hashing);
    var channel = bench.channel(100);
    accept(channel, request("short", 1, 0, 1, 2));
    accept(channel, request("cut", 1, new int[9]));
    accept(channel, request("next", 1, 0, 1, 2, 3));
    bench.run();
    assertThat(bench.decoder.calls)
        .containsExactly("prefill 0..3", "prefill 0..5", "prefill 5..9", "prefill 0..4");
  }

  @Test
  void leavesNoTokenOfAPromptAlone() {
    var bench = new EngineBench(4, EngineBench::hashing);
    var channel = bench.channel(100);
    accept(channel, request("r", 1, new int[9]));
    accept(channel, request("alone", 1, 5));
    bench.run();
    assertThat(bench.decoder.calls).startsWith("prefill 0..7", "prefill 7..9", "prefill 0..1");
  }

  @Test
  void refusesMoreWaitingTokensThanItsBound() {
    var bench = new EngineBench(1, 64, 8, 64, EngineBench::following);
    var channel = bench.channel(100);
    for (int index = 0; index < EngineBench.MAX_WAITING_TOKENS / 40; index++) {
      accept(channel, request("r" + index, 1, new int[40]));
    }
    assertThat(channel.submit(request("busy", 1, new int[40])))
        .isEqualTo(EngineChannel.Admission.BUSY);
    bench.run(1);
    accept(channel, request("busy", 1, new int[40]));
  }

  @Test
  void tenantsTakeTurns() {
    var bench = new EngineBench(1, EngineBench::following);
    var channel = bench.channel(100);
    for (int index = 0; index < 3; index++) {
      accept(channel, ofTenant("busy" + index, "busy"));
    }
    accept(channel, ofTenant("calm", "calm"));
    bench.run();
    assertThat(drain(channel))
        .filteredOn(Terminal.class::isInstance)
        .extracting(EngineEvent::requestId)
        .containsExactly("busy0", "calm", "busy1", "busy2");
  }

  private static GenerationRequest ofTenant(String id, String tenant) {
    return new GenerationRequest(
        id, 1, new int[] {0}, SamplingParameters.greedy(3), 0, Batchable.NO_DEADLINE, tenant, "");
  }

  @Test
  void prefillsSeveralShortPromptsInOneIteration() {
    var bench = new EngineBench(4, EngineBench::hashing);
    var channel = bench.channel(100);
    for (int index = 0; index < 4; index++) {
      accept(channel, request("r" + index, 2, 0, index));
    }
    bench.run(1);
    assertThat(bench.decoder.calls)
        .containsExactly(
            "prefill 0..2", "prefill 0..2", "prefill 0..2", "prefill 0..2", "decode 4");
  }

  @Test
  void aFullChannelHoldsBackItsOwnRowsOnlyAndLosesNothing() {
    var bench = new EngineBench(2, EngineBench::following);
    var slow = bench.channel(1);
    var fast = bench.channel(100);
    accept(slow, request("slow", 6, 0));
    accept(fast, request("fast", 6, 10));
    bench.run();
    assertThat(text("fast", drain(fast))).isEqualTo("lmnopq");

    List<EngineEvent> events = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      events.addAll(drain(slow));
      bench.run();
    }
    assertThat(text("slow", events)).isEqualTo("bcdefg");
    assertThat(end("slow", events)).isInstanceOf(Completed.class);
    assertThat(bench.entrance.inFlight()).isZero();
  }

  @Test
  void aStalledRowGeneratesNoMoreThanItCanTell() {
    var bench = new EngineBench(1, EngineBench::following);
    var channel = bench.channel(2);
    accept(channel, request("r", 20, 0));
    bench.run();
    assertThat(bench.decoder.calls).containsExactly("prefill 0..1", "decode 1", "decode 1");
  }

  @Test
  void wakesTheEngineWhenAChannelThatHeldARowBackHasRoom() {
    var bench = new EngineBench(1, EngineBench::following);
    var wakes = new ArrayList<String>();
    bench.entrance.onWork(() -> wakes.add("wake"));
    var channel = bench.channel(1);
    accept(channel, request("r", 5, 0));
    bench.run();
    wakes.clear();
    channel.poll();
    assertThat(wakes).hasSize(1);
  }

  @Test
  void anEndThatCannotBeToldFreesItsSlotAndKeepsItsPlaceInTheWaitingRoom() {
    var bench = new EngineBench(1, 64, 8, 1, EngineBench::following);
    var full = bench.channel(1);
    var other = bench.channel(100);
    accept(full, request("full", 1, 0));
    bench.run();
    assertThat(other.submit(request("r", 1, 0))).isEqualTo(EngineChannel.Admission.BUSY);
    drain(full);
    bench.run();
    assertThat(end("full", drain(full))).isInstanceOf(Completed.class);
    accept(other, request("r", 1, 0));
    bench.run();
    assertThat(end("r", drain(other))).isInstanceOf(Completed.class);
  }

  @Test
  void aClosedChannelHearsNothingAndItsSlotsAreFree() {
    var bench = new EngineBench(2, EngineBench::following);
    var closed = bench.channel(100);
    var other = bench.channel(100);
    accept(closed, request("running", 20, 0));
    accept(closed, request("running too", 20, 0));
    accept(closed, request("waiting", 20, 0));
    accept(other, request("other", 3, 0));
    bench.run(2);
    closed.close();
    closed.close();
    bench.run();
    assertThat(closed.poll()).isNull();
    assertThat(text("other", drain(other))).isEqualTo("bcd");
    assertThat(bench.entrance.inFlight()).isZero();
    assertThat(bench.entrance.waiting()).isZero();
    assertThatThrownBy(() -> closed.submit(request("late", 1, 0)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aChannelClosedWithUntoldEndsLeavesNothingBehind() {
    var bench = new EngineBench(2, EngineBench::following);
    var closed = bench.channel(1);
    accept(closed, request("r", 1, 0));
    accept(closed, request("s", 1, 0));
    bench.run();
    closed.close();
    bench.run();
    assertThat(bench.entrance.inFlight()).isZero();
    assertThat(bench.entrance.waiting()).isZero();
    assertThat(bench.agent.isIdle()).isTrue();
  }

  @Test
  void aRequestSubmittedJustBeforeTheCloseLeavesNothingBehind() {
    var bench = new EngineBench(1, EngineBench::following);
    var closed = bench.channel(1);
    accept(closed, request("r", 1, 0));
    closed.close();
    bench.run();
    assertThat(bench.decoder.calls).isEmpty();
    assertThat(bench.entrance.inFlight()).isZero();
  }

  @Test
  void twoChannelsMayUseTheSameId() {
    var bench = new EngineBench(2, EngineBench::following);
    var one = bench.channel(100);
    var other = bench.channel(100);
    accept(one, request("r", 5, 0));
    accept(other, request("r", 3, 10));
    bench.run(2);
    one.cancel("r");
    bench.run();
    assertThat(end("r", drain(one))).isInstanceOf(EngineEvent.Cancelled.class);
    assertThat(text("r", drain(other))).isEqualTo("lmn");
  }

  @Test
  void bringsIdleSlotsToUseInTheSameIterationThatFreesThem() {
    var bench = new EngineBench(1, EngineBench::following);
    var channel = bench.channel(100);
    IntStream.range(0, 3).forEach(index -> accept(channel, request("r" + index, 2, index)));
    bench.run(3);
    assertThat(drain(channel)).filteredOn(Terminal.class::isInstance).hasSize(3);
  }
}
