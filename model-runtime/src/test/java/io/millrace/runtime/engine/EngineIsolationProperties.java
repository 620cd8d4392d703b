package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.request;
import static io.millrace.runtime.engine.EngineBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.engine.EngineEvent.Cancelled;
import io.millrace.runtime.engine.EngineEvent.Completed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Whatever arrives when, stalls, is cancelled or is compacted: each request's tokens are those it
 * gets alone.
 */
class EngineIsolationProperties {

  @Property(tries = 300)
  void tokensDoNotDependOnWhatElseRuns(
      @ForAll @IntRange(min = 1, max = 5) int slots,
      @ForAll @IntRange(min = 1, max = 40) int channelCapacity,
      @ForAll @IntRange(max = 6) int verifiableTokens,
      @ForAll long seed) {
    var random = new Random(seed);
    var bench =
        new EngineBench(
            slots, 66, 7, 64, verifiableTokens, EngineIsolationProperties::seldomQuoting);
    var channel = bench.channel(channelCapacity);
    List<GenerationRequest> requests = new ArrayList<>();
    List<EngineEvent> events = new ArrayList<>();
    for (int index = 0; index < 20; index++) {
      var next = randomRequest("r" + index, random);
      requests.add(next);
      accept(channel, next);
      bench.run(random.nextInt(6));
      if (random.nextInt(4) == 0) {
        channel.cancel("r" + random.nextInt(index + 1));
      }
      if (random.nextBoolean()) {
        events.addAll(drain(channel));
      }
    }
    while (bench.entrance.inFlight() > 0) {
      bench.run();
      events.addAll(drain(channel));
    }
    for (var request : requests) {
      var alone = alone(request);
      var together = text(request.requestId(), events);
      if (end(request.requestId(), events) instanceof Completed) {
        assertThat(together).isEqualTo(alone);
      } else {
        // A decoder that finds rows mixed up fails.
        assertThat(end(request.requestId(), events)).isInstanceOf(Cancelled.class);
        assertThat(alone).startsWith(together);
      }
    }
  }

  /** Depends on every token before; with what it repeats, drafted tokens are right now and then. */
  private static int seldomQuoting(List<Integer> sequence) {
    int hash = EngineBench.hashing(sequence);
    return hash % 3 == 0 ? hash : (sequence.getLast() + 1) % 4;
  }

  private static GenerationRequest randomRequest(String id, Random random) {
    int[] prompt = random.ints(1 + random.nextInt(40), 0, 26).toArray();
    if (random.nextBoolean()) {
      // Shared by half of them, in whole or in part: what the prefix cache is for.
      Arrays.fill(prompt, 0, random.nextInt(prompt.length + 1), 3);
    }
    return request(id, 1 + random.nextInt(25), prompt);
  }

  private static String alone(GenerationRequest request) {
    var bench = new EngineBench(1, 66, 7, 1, EngineIsolationProperties::seldomQuoting);
    var channel = bench.channel(100);
    accept(channel, request);
    bench.run();
    return text(request.requestId(), drain(channel));
  }
}
