package io.millrace.runtime.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineChannel.Admission;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same prompts in engines of different sizes, orders and caches: no token differs. Takes 60
 * prompts; more with {@code -Dmillrace.determinism.prompts=1000}.
 */
class DeterminismTest {

  private static final int PROMPTS = Integer.getInteger("millrace.determinism.prompts", 60);
  private static final int CAPACITY = 256;
  private static final int SPECULATIVE = 7;

  @TempDir private static Path directory;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Optional<Path> draftModel = Optional.empty();

  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void noTokenDependsOnBatchOrderCacheOrThreads(Precision precision) throws InterruptedException {
    var model = TinyModels.export(directory, precision);
    var inOrder = IntStream.range(0, PROMPTS).boxed().toList();
    List<Integer> shuffled = new ArrayList<>(inOrder);
    Collections.shuffle(shuffled, new Random(4));
    var alone = tokens(model, 1, 2, 0, 0, inOrder);
    for (int slots : new int[] {2, 5, 16}) {
      assertThat(tokens(model, slots, 2, 0, 0, inOrder)).as(slots + " slots").isEqualTo(alone);
    }
    assertThat(tokens(model, 16, 2, 0, 0, shuffled)).as("shuffled").isEqualTo(alone);
    assertThat(tokens(model, 16, 2, 1 << 24, 0, shuffled)).as("prefix cache").isEqualTo(alone);
    assertThat(tokens(model, 16, 1, 1 << 24, 0, inOrder)).as("one thread").isEqualTo(alone);
    for (int threads : new int[] {1, 2}) {
      assertThat(tokens(model, 1, threads, 0, SPECULATIVE, inOrder))
          .as("speculation, %d threads", threads)
          .isEqualTo(alone);
    }
    assertThat(drafts("accepted")).isGreaterThan(PROMPTS);
    assertThat(drafts("rejected")).isPositive();
    assertThat(tokens(model, 3, 2, 1 << 24, SPECULATIVE, shuffled))
        .as("speculation, 3 slots, prefix cache")
        .isEqualTo(alone);
    var other = precision == Precision.INT4 ? Precision.INT8 : Precision.INT4;
    draftModel = Optional.of(TinyModels.export(directory, other));
    assertThat(tokens(model, 1, 2, 0, SPECULATIVE, shuffled)).as("draft model").isEqualTo(alone);
  }

  private double drafts(String outcome) {
    return meters.get("millrace.engine.drafts").tag("outcome", outcome).counter().count();
  }

  /** By prompt. */
  private Map<Integer, List<Integer>> tokens(
      Path model,
      int slots,
      int threads,
      long prefixCacheBytes,
      int speculativeTokens,
      List<Integer> order)
      throws InterruptedException {
    var settings =
        new EngineSettings(
            Optional.empty(),
            new SessionSettings(slots, CAPACITY, 64, threads, false)
                .withSpeculativeTokens(speculativeTokens),
            PROMPTS,
            Long.MAX_VALUE,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            prefixCacheBytes,
            0,
            draftModel);
    Map<Integer, List<Integer>> tokens = new HashMap<>();
    var tester = Thread.currentThread();
    try (var engine = InferenceEngines.open(model, settings, meters)) {
      var channel = engine.openChannel("determinism", 1_000, () -> LockSupport.unpark(tester));
      for (int index : order) {
        tokens.put(index, new ArrayList<>());
        assertThat(channel.submit(request(index))).isEqualTo(Admission.ACCEPTED);
      }
      for (int ended = 0; ended < PROMPTS; ) {
        var event = channel.poll();
        if (event == null) {
          LockSupport.parkNanos(1_000_000);
        } else if (event instanceof Token token) {
          requireNonNull(tokens.get(Integer.parseInt(token.requestId()))).add(token.tokenId());
        } else if (event instanceof Terminal end) {
          assertThat(end).isInstanceOf(Completed.class);
          ended++;
        }
      }
    }
    return tokens;
  }

  /** Half of them share a beginning, half of them are sampled. */
  private static GenerationRequest request(int index) {
    var random = new Random(index);
    int[] prompt = random.ints(1 + random.nextInt(180), 0, 256).toArray();
    if (random.nextBoolean()) {
      Arrays.fill(prompt, 0, random.nextInt(prompt.length + 1), 7);
    }
    var sampling =
        new SamplingParameters(
            random.nextBoolean() ? 0 : 1,
            0.95,
            50,
            0,
            1.1,
            0,
            0,
            Map.of(),
            index,
            EndConditions.after(4 + random.nextInt(40)),
            false,
            0);
    return new GenerationRequest(
        Integer.toString(index), 1, prompt, sampling, 0, Batchable.NO_DEADLINE, "", "");
  }
}
