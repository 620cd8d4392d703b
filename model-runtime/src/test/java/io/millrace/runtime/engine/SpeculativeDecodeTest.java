package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.request;
import static io.millrace.runtime.engine.EngineBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.sampling.EndConditions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an engine does with drafted tokens, over a decoder whose steps are listed. */
class SpeculativeDecodeTest {

  /** Spells a, b, c, d over and over. */
  private static int around(List<Integer> sequence) {
    return (sequence.getLast() + 1) % 4;
  }

  private static final int[] QUOTED = {0, 1, 2, 3, 0, 1};

  private final EngineBench bench = bench(1, 8);
  private final QueuedChannel channel = bench.channel(100);

  private static EngineBench bench(int slots, int verifiableTokens) {
    return new EngineBench(slots, 64, 8, 16, verifiableTokens, SpeculativeDecodeTest::around);
  }

  private static List<String> verifications(EngineBench bench) {
    return bench.decoder.calls.stream().filter(call -> call.startsWith("verify")).toList();
  }

  private double drafts(String outcome) {
    return bench.meters.get("millrace.engine.drafts").tag("outcome", outcome).counter().count();
  }

  @Test
  void aTextThatRepeatsItselfTakesFewSteps() {
    accept(channel, request("r", 18, QUOTED));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo("cdabcdabcdabcdabcd");
    // A step is measured before the first that verifies.
    assertThat(bench.decoder.calls).startsWith("prefill 0..6", "decode 1", "verify 3");
    assertThat(bench.decoder.calls).filteredOn("decode 1"::equals).hasSize(1);
    assertThat(verifications(bench)).hasSizeBetween(3, 4);
    // One token comes of the prefill and one of each step, whatever is drafted.
    assertThat(drafts("accepted")).isEqualTo(18 - 2 - verifications(bench).size());
    assertThat(drafts("rejected")).isZero();
  }

  @Test
  void whatAnEarlierAttemptGeneratedIsVerifiedAtOnce() {
    int[] earlier = {2, 3, 0, 1, 2, 3, 0, 1};
    var asked = request("r", 12, 9, 1);
    accept(
        channel,
        new GenerationRequest(
            "r", 2, asked.tokens(), asked.sampling(), 0, Batchable.NO_DEADLINE, "", "", earlier));
    bench.run(4);
    assertThat(bench.decoder.calls)
        .startsWith("prefill 0..2", "decode 1", "verify 7")
        .hasSizeBetween(3, 5);
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo("cdabcdabcdab");
  }

  @Test
  void eachStepCountsOnceInTheUsage() {
    accept(channel, request("r", 18, QUOTED));
    bench.run();
    var usage = end("r", drain(channel)).usage();
    assertThat(usage.completionTokens()).isEqualTo(18);
    assertThat(usage.batchSizeMean()).isEqualTo(1);
  }

  @Test
  void noStepVerifiesMoreThanMayStillCome() {
    accept(channel, request("r", 5, QUOTED));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo("cdabc");
    assertThat(drafts("accepted")).isEqualTo(2);
    assertThat(bench.decoder.calls).endsWith("verify 3");
  }

  @Test
  void theContextEndsTheCompletionAsWithout() {
    accept(channel, request("r", 1_000, QUOTED));
    bench.run();
    var completed = end("r", drain(channel));
    assertThat(completed)
        .isInstanceOfSatisfying(
            Completed.class, end -> assertThat(end.reason()).isEqualTo(FinishReason.LENGTH));
    assertThat(completed.usage().completionTokens()).isEqualTo(64 - QUOTED.length);
  }

  @Test
  void aWrongDraftIsDroppedAndTheRightTokenTaken() {
    // The prompt says that after cd comes z.
    accept(channel, request("r", 6, 2, 3, 25, 25, 0, 1));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo("cdabcd");
    assertThat(drafts("rejected")).isPositive();
  }

  @Test
  void whatComesAfterAStopStringIsNotTaken() {
    var stopping = EngineBench.stoppingAt("bcd");
    accept(channel, request("r", stopping, Batchable.NO_DEADLINE, QUOTED));
    bench.run();
    var events = drain(channel);
    assertThat(text("r", events)).isEqualTo("cda");
    assertThat(end("r", events).usage().completionTokens()).isEqualTo(6);
  }

  @Test
  void whatComesAfterAStopTokenIsNotTaken() {
    var stopping = EngineBench.ending(new EndConditions(List.of(), Set.of(1), false, 0, 100));
    accept(channel, request("r", stopping, Batchable.NO_DEADLINE, QUOTED));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo("cda");
  }

  @Test
  void aRowWhoseChannelIsFullTakesNoMoreThanFitsAndGoesOnLater() {
    var narrow = bench.channel(3);
    accept(narrow, request("r", 18, QUOTED));
    var text = new StringBuilder();
    for (int round = 0; bench.entrance.inFlight() > 0; round++) {
      assertThat(round).isLessThan(30);
      bench.run();
      text.append(text("r", drain(narrow)));
    }
    text.append(text("r", drain(narrow)));
    assertThat(text).hasToString("cdabcdabcdabcdabcd");
    assertThat(verifications(bench)).isNotEmpty();
  }

  @Test
  void rowsThatAreDecodedTogetherAreNotDraftedFor() {
    var several = bench(2, 8);
    var both = several.channel(100);
    accept(both, request("r", 10, QUOTED));
    accept(both, request("s", 10, QUOTED));
    several.run();
    assertThat(verifications(several)).isEmpty();
  }

  @Test
  void aRowThatIsLeftAloneIsDraftedForFromAllItsTokens() {
    var several = bench(2, 8);
    var both = several.channel(100);
    accept(both, request("r", 6, 0));
    accept(both, request("s", 30, 0));
    several.run();
    var events = drain(both);
    assertThat(text("s", events)).isEqualTo("bcda".repeat(7) + "bc");
    assertThat(verifications(several)).isNotEmpty();
  }

  @Test
  void aStepThatFailsIsDoneWithoutDrafts() {
    bench.decoder.unverifiable.add(0);
    accept(channel, request("r", 18, QUOTED));
    bench.run();
    var events = drain(channel);
    assertThat(end("r", events)).isInstanceOf(Completed.class);
    assertThat(text("r", events)).isEqualTo("cdabcdabcdabcdabcd");
    assertThat(verifications(bench)).hasSize(1);
    var failures = bench.meters.get("millrace.engine.step.failures").tag("phase", "decode");
    assertThat(failures.counter().count()).isEqualTo(1);
  }

  @Test
  void aDecoderThatCannotVerifyIsNotAskedTo() {
    var without = bench(1, 0);
    var other = without.channel(100);
    accept(other, request("r", 18, QUOTED));
    without.run();
    assertThat(text("r", drain(other))).isEqualTo("cdabcdabcdabcdabcd");
    assertThat(verifications(without)).isEmpty();
  }
}
