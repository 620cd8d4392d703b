package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.request;
import static io.millrace.runtime.engine.EngineBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Failed;
import org.junit.jupiter.api.Test;

/** What a failing step costs: the request it fails by, and no other. */
class EngineFailureTest {

  private final EngineBench bench = new EngineBench(2, EngineBench::following);
  private final QueuedChannel channel = bench.channel(100);

  @Test
  void aRowThatMakesAStepFailEndsAloneAndTheOthersGoOn() {
    bench.decoder.poison.add(3);
    accept(channel, request("poisoned", 10, 0));
    accept(channel, request("beside", 10, 10));
    accept(channel, request("after", 2, 20));
    bench.run();
    var events = drain(channel);
    assertThat(end("poisoned", events))
        .isInstanceOfSatisfying(
            Failed.class,
            end -> {
              assertThat(end.code()).isEqualTo("engine_failure");
              assertThat(end.retryable()).isTrue();
            });
    assertThat(text("beside", events)).isEqualTo("lmnopqrstu");
    assertThat(text("after", events)).isEqualTo("vw");
    assertThat(bench.entrance.inFlight()).isZero();
    assertThat(failures("decode")).isEqualTo(2);
  }

  private double failures(String phase) {
    return bench.meters.get("millrace.engine.step.failures").tag("phase", phase).counter().count();
  }

  @Test
  void whatFailsWhileARowIsTakenInIsNotComputedAgain() {
    var bench =
        new EngineBench(
            2,
            sequence -> {
              if (sequence.getLast() == 3) {
                throw new OutOfMemoryError("simulated");
              }
              return EngineBench.following(sequence);
            });
    var channel = bench.channel(100);
    accept(channel, request("broken", 10, 0));
    accept(channel, request("beside", 5, 10));
    bench.run();
    var events = drain(channel);
    assertThat(end("broken", events)).isInstanceOf(Failed.class);
    assertThat(text("broken", events)).isEqualTo("bcd");
    assertThat(text("beside", events)).isEqualTo("lmnop");
    assertThat(bench.decoder.calls).filteredOn("decode 1"::equals).hasSize(1);
    assertThat(bench.entrance.inFlight()).isZero();
  }

  @Test
  void aStepThatHangsIsStoppedAndTheRowItHangsByEndsAlone() {
    bench.decoder.hanging.add(3);
    bench.decoder.whileHanging = bench.watchdog::check;
    accept(channel, request("hanging", 10, 0));
    accept(channel, request("beside", 5, 10));
    bench.run();
    var events = drain(channel);
    assertThat(end("hanging", events))
        .isInstanceOfSatisfying(
            Failed.class,
            end -> {
              assertThat(end.code()).isEqualTo("step_stopped");
              assertThat(end.retryable()).isFalse();
            });
    assertThat(text("hanging", events)).isEqualTo("bcd");
    assertThat(text("beside", events)).isEqualTo("lmnop");
    assertThat(bench.meters.get("millrace.engine.step.hung").counter().count()).isEqualTo(2);
  }

  @Test
  void aStepInTimeIsNotStopped() {
    accept(channel, request("r", 5, 0));
    bench.run(2);
    bench.clock.advance(2 * EngineBench.STEP_TIMEOUT.toNanos());
    bench.watchdog.check();
    bench.watchdog.watch(
        () -> {
          bench.clock.advance(EngineBench.STEP_TIMEOUT.toNanos());
          bench.watchdog.check();
        });
    assertThat(bench.meters.get("millrace.engine.step.hung").counter().count()).isZero();
  }

  @Test
  void whatFailsTogetherButNotAloneIsDecodedInSmallerBatchesUntilItGoesWellAgain() {
    var bench = new EngineBench(4, EngineBench::following);
    var channel = bench.channel(100);
    bench.decoder.mostRows = 2;
    for (int index = 0; index < 4; index++) {
      accept(channel, request("r" + index, 3, index));
    }
    bench.run();
    var events = drain(channel);
    for (int index = 0; index < 4; index++) {
      assertThat(end("r" + index, events)).isInstanceOf(Completed.class);
    }
    assertThat(bench.decoder.calls).filteredOn("decode 4"::equals).hasSize(1);
    assertThat(bench.decoder.calls).endsWith("decode 2");

    bench.decoder.mostRows = 4;
    for (int steps = 0; steps <= BatchLimit.GOOD_STEPS; steps += 20) {
      accept(channel, request("one", 21, 0));
      bench.run();
      drain(channel);
    }
    bench.decoder.calls.clear();
    for (int index = 0; index < 4; index++) {
      accept(channel, request("r" + index, 3, index));
    }
    bench.run();
    assertThat(bench.decoder.calls).contains("decode 4");
  }

  @Test
  void aFailingPrefillEndsItsOwnRequestOnly() {
    bench.decoder.poison.add(3);
    accept(channel, request("beside", 2, 10));
    accept(channel, request("poisoned", 10, 3));
    bench.run();
    var events = drain(channel);
    assertThat(end("poisoned", events)).isInstanceOf(Failed.class);
    assertThat(text("beside", events)).isEqualTo("lm");
  }

  @Test
  void logitsThatAreNotNumbersEndTheirOwnRowOnly() {
    bench.decoder.broken.add(3);
    accept(channel, request("broken", 10, 0));
    accept(channel, request("beside", 5, 10));
    bench.run();
    var events = drain(channel);
    assertThat(end("broken", events)).isInstanceOf(Failed.class);
    assertThat(text("broken", events)).isEqualTo("bcd");
    assertThat(text("beside", events)).isEqualTo("lmnop");
  }
}
