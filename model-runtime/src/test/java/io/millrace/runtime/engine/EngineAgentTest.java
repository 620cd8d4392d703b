package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.request;
import static io.millrace.runtime.engine.EngineBench.stoppingAt;
import static io.millrace.runtime.engine.EngineBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineChannel.Admission;
import io.millrace.runtime.engine.EngineEvent.Cancelled;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Expired;
import io.millrace.runtime.engine.EngineEvent.Failed;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EngineAgentTest {

  private final EngineBench bench = new EngineBench(2, EngineBench::following);
  private final QueuedChannel channel = bench.channel(100);

  @Test
  void endsAtTheTokenLimit() {
    accept(channel, request("r", 3, 0));
    bench.run();
    var events = drain(channel);
    assertThat(text("r", events)).isEqualTo("bcd");
    assertThat(end("r", events))
        .isInstanceOfSatisfying(
            Completed.class, end -> assertThat(end.reason()).isEqualTo(FinishReason.LENGTH));
    assertThat(end("r", events).usage().completionTokens()).isEqualTo(3);
  }

  @Test
  void numbersTheTokensWithoutGaps() {
    accept(channel, request("r", 3, 0));
    bench.run();
    assertThat(drain(channel))
        .filteredOn(Token.class::isInstance)
        .extracting(event -> ((Token) event).index())
        .containsExactly(0, 1, 2);
  }

  @Test
  void announcesTheEventsOfAStepTogetherAndNothingElse() {
    var announcements = new AtomicInteger();
    var announced = bench.channel(100, announcements::incrementAndGet);
    accept(announced, request("r", 3, 0));
    accept(announced, request("s", 3, 0));
    accept(channel, request("other", 10, 0));
    bench.run();
    // A token of each by prefill and one by a decode step; then the third and the end of each.
    assertThat(drain(announced)).hasSize(8);
    assertThat(announcements).hasValue(3);
  }

  @Test
  void endsAtTheEndTokenWhichIsNotTold() {
    accept(channel, request("r", 10, 23));
    bench.run();
    var events = drain(channel);
    assertThat(text("r", events)).isEqualTo("yz");
    assertThat(events).hasSize(3);
    assertThat(end("r", events))
        .isInstanceOfSatisfying(
            Completed.class, end -> assertThat(end.reason()).isEqualTo(FinishReason.STOP));
  }

  @Test
  void completesWithoutTokensIfTheFirstIsTheEnd() {
    accept(channel, request("r", 10, 25));
    bench.run();
    var usage = end("r", drain(channel)).usage();
    assertThat(usage.completionTokens()).isZero();
    assertThat(usage.timeToFirstTokenNanos()).isZero();
  }

  @Test
  void endsBeforeAStopString() {
    accept(channel, request("r", stoppingAt("efg"), Batchable.NO_DEADLINE, 0));
    bench.run();
    var events = drain(channel);
    assertThat(text("r", events)).isEqualTo("bcd");
    assertThat(end("r", events))
        .isInstanceOfSatisfying(
            Completed.class, end -> assertThat(end.reason()).isEqualTo(FinishReason.STOP));
    assertThat(end("r", events).usage().completionTokens()).isEqualTo(6);
  }

  @Test
  void tellsHeldBackTextWithTheLastTokenIfNoStopStringFollows() {
    accept(channel, request("r", stoppingAt("yz!"), Batchable.NO_DEADLINE, 22));
    bench.run();
    var events = drain(channel);
    assertThat(text("r", events)).isEqualTo("xyz");
    assertThat(events).filteredOn(Token.class::isInstance).hasSize(3);
    assertThat(end("r", events).usage().completionTokens()).isEqualTo(3);
  }

  @Test
  void tellsHeldBackTextBeforeACancellation() {
    accept(channel, request("r", stoppingAt("bcd"), Batchable.NO_DEADLINE, 0));
    bench.run(1);
    channel.cancel("r");
    bench.run();
    var events = drain(channel);
    assertThat(end("r", events)).isInstanceOf(Cancelled.class);
    assertThat(events)
        .filteredOn(Token.class::isInstance)
        .hasSize(end("r", events).usage().completionTokens());
    assertThat(text("r", events)).isEqualTo("bc");
  }

  @Test
  void endsAtTheEndOfTheContext() {
    var small = new EngineBench(1, 8, 8, 4, EngineBench::following);
    var owner = small.channel(100);
    accept(owner, request("r", 100, 0, 1, 2, 3));
    small.run();
    var events = drain(owner);
    assertThat(text("r", events)).isEqualTo("efgh");
    assertThat(end("r", events))
        .isInstanceOfSatisfying(
            Completed.class, end -> assertThat(end.reason()).isEqualTo(FinishReason.LENGTH));
  }

  @Test
  void refusesPromptsThatTheModelCannotTake() {
    assertThatThrownBy(() -> channel.submit(request("r", 1, new int[64])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 tokens");
    assertThatThrownBy(() -> channel.submit(request("r", 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.submit(request("r", 1, EngineBench.VOCABULARY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vocabulary");
    assertThat(channel.submit(request("r", 1, new int[63]))).isEqualTo(Admission.ACCEPTED);
  }

  @Test
  void refusesAnIdThatIsInFlightAndTakesItAgainAfterItsEnd() {
    accept(channel, request("r", 1, 0));
    assertThatThrownBy(() -> channel.submit(request("r", 1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
    bench.run();
    drain(channel);
    assertThat(channel.submit(request("r", 1, 0))).isEqualTo(Admission.ACCEPTED);
  }

  @Test
  void isBusyWhenTheWaitingRoomIsFullAndNotAfterwards() {
    for (int index = 0; index < 16; index++) {
      accept(channel, request("r" + index, 1, 0));
    }
    assertThat(channel.submit(request("late", 1, 0))).isEqualTo(Admission.BUSY);
    bench.run();
    assertThat(channel.submit(request("late", 1, 0))).isEqualTo(Admission.ACCEPTED);
  }

  @Test
  void cancelsARunningRequest() {
    accept(channel, request("r", 50, 0));
    accept(channel, request("other", 3, 0));
    bench.run(2);
    channel.cancel("r");
    channel.cancel("r");
    bench.run();
    var events = drain(channel);
    assertThat(end("r", events)).isInstanceOf(Cancelled.class);
    assertThat(text("other", events)).isEqualTo("bcd");
    assertThat(bench.entrance.inFlight()).isZero();
  }

  @Test
  void cancelsAWaitingRequestWhichHasUsedNothing() {
    accept(channel, request("a", 5, 0));
    accept(channel, request("b", 5, 0));
    accept(channel, request("waiting", 5, 0));
    bench.run(1);
    channel.cancel("waiting");
    bench.run();
    var end = end("waiting", drain(channel));
    assertThat(end).isInstanceOf(Cancelled.class);
    assertThat(end.usage().promptTokens()).isZero();
  }

  @Test
  void ignoresTheCancellationOfWhatIsUnknownOrHasEnded() {
    channel.cancel("unknown");
    accept(channel, request("r", 1, 0));
    bench.run();
    channel.cancel("r");
    bench.run();
    assertThat(end("r", drain(channel))).isInstanceOf(Completed.class);
  }

  @Test
  void expiresWhatWaitsAndWhatRuns() {
    long soon = bench.clock.getAsLong() + 450;
    accept(channel, request("running", SamplingParameters.greedy(50), soon, 0));
    accept(channel, request("other", 8, 0));
    accept(channel, request("waiting", SamplingParameters.greedy(50), soon, 0));
    bench.run();
    var events = drain(channel);
    assertThat(end("running", events)).isInstanceOf(Expired.class);
    assertThat(text("running", events)).isEqualTo("bcdefg");
    assertThat(end("waiting", events)).isInstanceOf(Expired.class);
    assertThat(end("waiting", events).usage().queueNanos()).isGreaterThanOrEqualTo(450);
    assertThat(text("other", events)).isEqualTo("bcdefghi");
  }

  private static EndConditions endConditions(Set<Integer> stopTokens, boolean ignores, int least) {
    return new EndConditions(List.of("d"), stopTokens, ignores, least, 30);
  }

  private List<EngineEvent> generated(EndConditions end, int... prompt) {
    accept(channel, request("r", EngineBench.ending(end), Batchable.NO_DEADLINE, prompt));
    bench.run();
    return drain(channel);
  }

  @Test
  void aStopTokenEndsTheTextBeforeIt() {
    var events = generated(endConditions(Set.of(7), false, 0), 4);
    assertThat(text("r", events)).isEqualTo("fg");
    assertThat(end("r", events))
        .isInstanceOfSatisfying(
            Completed.class, end -> assertThat(end.reason()).isEqualTo(FinishReason.STOP));
  }

  @Test
  void beforeTheLeastNumberOfTokensNoStopStringEndsTheText() {
    assertThat(text("r", generated(endConditions(Set.of(9), false, 4), 0))).isEqualTo("bcdefghi");
    assertThat(text("r", generated(endConditions(Set.of(), false, 4), 0)))
        .isEqualTo("bcdefghijklmnopqrstuvwxyz");
    assertThat(text("r", generated(endConditions(Set.of(), false, 3), 0))).isEqualTo("bc");
  }

  @Test
  void goesOnAfterTheEndTokenWhereThatIsAskedFor() {
    bench.decoder.poison.add(EngineBench.END);
    var events = generated(endConditions(Set.of(), true, 0), 23);
    assertThat(text("r", events)).isEqualTo("yz");
    assertThat(end("r", events)).isInstanceOf(Failed.class);
  }

  @Test
  void tellsTheLikeliestTokens() {
    var events = generated(endConditions(Set.of(), false, 0), 0);
    assertThat(events.getFirst())
        .isInstanceOfSatisfying(
            EngineEvent.Token.class,
            token ->
                assertThat(token.topLogprobs())
                    .extracting(EngineEvent.TopLogprob::text)
                    .containsExactly("b", "a"));
  }

  @Test
  void countsWhatARequestUsed() {
    accept(channel, request("r", 3, 0, 1));
    bench.clock.advance(7);
    bench.run();
    var usage = end("r", drain(channel)).usage();
    long prefill = 2 * FakeDecoder.PREFILL_NANOS_PER_TOKEN;
    long decode = 2 * FakeDecoder.DECODE_NANOS;
    assertThat(usage)
        .isEqualTo(
            new GenerationUsage(
                2, 0, 3, 7, prefill, decode, 7 + prefill, 7 + prefill + decode, 1.0, 1));
  }

  @Test
  void countsTheRowsDecodedTogether() {
    accept(channel, request("long", 5, 0));
    accept(channel, request("short", 3, 0));
    bench.run();
    var usage = end("long", drain(channel)).usage();
    assertThat(usage.batchSizeMax()).isEqualTo(2);
    assertThat(usage.batchSizeMean()).isEqualTo((2 + 2 + 1 + 1) / 4.0);
  }

  @Test
  void metersWhatItDoes() {
    accept(channel, request("r", 3, 0, 1));
    bench.run();
    assertThat(bench.meters.get("millrace.engine.tokens").tag("kind", "prompt").counter().count())
        .isEqualTo(2);
    assertThat(
            bench.meters.get("millrace.engine.tokens").tag("kind", "completion").counter().count())
        .isEqualTo(3);
    assertThat(bench.meters.get("millrace.engine.batch.size").summary().max()).isEqualTo(1);
    assertThat(
            bench
                .meters
                .get("millrace.engine.requests")
                .tag("outcome", "completed")
                .counter()
                .count())
        .isEqualTo(1);
  }
}
