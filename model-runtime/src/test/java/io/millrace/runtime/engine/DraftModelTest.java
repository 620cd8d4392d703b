package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.request;
import static io.millrace.runtime.engine.EngineBench.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.engine.EngineEvent.Completed;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** What an engine does with the tokens that a smaller model drafts. */
class DraftModelTest {

  private static final int CAPACITY = 64;

  /** Never repeats itself in a way that the text could tell. */
  private static int hashed(List<Integer> sequence) {
    return EngineBench.hashing(sequence);
  }

  private static EngineBench bench(int slots, ToIntFunction<List<Integer>> drafted) {
    return new EngineBench(slots, CAPACITY, 8, 16, 8, DraftModelTest::hashed, drafted);
  }

  private static String alone(int tokens, int... prompt) {
    var without = new EngineBench(1, DraftModelTest::hashed);
    var channel = without.channel(100);
    accept(channel, request("r", tokens, prompt));
    without.run();
    return text("r", drain(channel));
  }

  private static double drafts(EngineBench bench, String outcome) {
    return bench.meters.get("millrace.engine.drafts").tag("outcome", outcome).counter().count();
  }

  @Test
  void aModelThatIsRightSavesSteps() {
    var bench = bench(1, DraftModelTest::hashed);
    var channel = bench.channel(100);
    accept(channel, request("r", 30, 1, 2, 3));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo(alone(30, 1, 2, 3));
    assertThat(drafts(bench, "rejected")).isZero();
    assertThat(drafts(bench, "accepted")).isGreaterThan(20);
    assertThat(bench.decoder.calls).hasSizeLessThan(10);
  }

  @Test
  void aModelThatIsWrongChangesNothingAndIsSoonAskedLess() {
    var bench = bench(1, sequence -> (hashed(sequence) + 1) % 26);
    var channel = bench.channel(100);
    accept(channel, request("r", 36, 1, 2, 3));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo(alone(36, 1, 2, 3));
    assertThat(drafts(bench, "accepted")).isZero();
    assertThat(drafts(bench, "rejected")).isBetween(1.0, 20.0);
  }

  @Test
  void oneThatIsMostlyRightComputesEachTokenOfTheTextOnce() {
    var bench = bench(1, sequence -> sequence.size() % 7 == 0 ? 3 : hashed(sequence));
    var channel = bench.channel(100);
    accept(channel, request("r", 36, 1, 2, 3));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo(alone(36, 1, 2, 3));
    assertThat(drafts(bench, "accepted")).isGreaterThan(10);
    // Several tokens come at once only where its text is behind; it never begins anew.
    var calls = requireNonNull(bench.draftDecoder).calls;
    assertThat(calls).filteredOn(call -> call.startsWith("prefill 0")).hasSize(1);
  }

  @Test
  void requestsOneAfterTheOtherShareItsSlot() {
    var bench = bench(1, DraftModelTest::hashed);
    var channel = bench.channel(200);
    accept(channel, request("r", 20, 1, 2, 3, 4, 5));
    accept(channel, request("s", 20, 1, 2, 3, 9));
    bench.run();
    var events = drain(channel);
    assertThat(text("r", events)).isEqualTo(alone(20, 1, 2, 3, 4, 5));
    assertThat(text("s", events)).isEqualTo(alone(20, 1, 2, 3, 9));
    assertThat(drafts(bench, "rejected")).isZero();
    // What both begin with stays.
    assertThat(requireNonNull(bench.draftDecoder).calls)
        .anyMatch(call -> call.startsWith("prefill 3"));
  }

  @Test
  void behindItsContextTheOtherGoesOnAlone() {
    var bench = bench(1, DraftModelTest::hashed);
    var channel = bench.channel(100);
    int tokens = CAPACITY - 3;
    accept(channel, request("r", tokens, 1, 2, 3));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo(alone(tokens, 1, 2, 3));
    assertThat(bench.decoder.calls)
        .filteredOn("decode 1"::equals)
        .hasSizeGreaterThan(CAPACITY - EngineBench.DRAFT_CAPACITY - 5);
  }

  @Test
  void oneThatFailsIsLeftAloneForAWhile() {
    var bench = bench(1, DraftModelTest::hashed);
    var decoder = requireNonNull(bench.draftDecoder);
    for (int token = 0; token < 26; token++) {
      decoder.poison.add(token);
    }
    var channel = bench.channel(100);
    accept(channel, request("r", 30, 1, 2, 3));
    bench.run();
    var events = drain(channel);
    assertThat(end("r", events)).isInstanceOf(Completed.class);
    assertThat(text("r", events)).isEqualTo(alone(30, 1, 2, 3));
    assertThat(decoder.calls).hasSize(1);
    var failures = bench.meters.get("millrace.engine.step.failures").tag("phase", "draft");
    assertThat(failures.counter().count()).isEqualTo(1);
  }

  @Test
  void oneThatHangsIsStopped() {
    var bench = bench(1, DraftModelTest::hashed);
    var decoder = requireNonNull(bench.draftDecoder);
    var text = alone(30, 1, 2, 3);
    for (int token = 0; token < 26; token++) {
      decoder.hanging.add(token);
    }
    decoder.whileHanging = bench::checkDraftModel;
    var channel = bench.channel(100);
    accept(channel, request("r", 30, 1, 2, 3));
    bench.run();
    assertThat(text("r", drain(channel))).isEqualTo(text);
    assertThat(bench.meters.get("millrace.engine.step.hung").counter().count()).isPositive();
  }

  @Test
  void rowsThatAreDecodedTogetherAreNotDraftedFor() {
    var bench = bench(2, DraftModelTest::hashed);
    var channel = bench.channel(100);
    accept(channel, request("r", 10, 1, 2));
    accept(channel, request("s", 10, 1, 2));
    bench.run();
    assertThat(requireNonNull(bench.draftDecoder).calls).isEmpty();
  }
}
