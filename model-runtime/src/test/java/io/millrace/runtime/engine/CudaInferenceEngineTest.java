package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.runtime.session.ExecutionProvider;
import io.millrace.runtime.session.NeedsCuda;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@NeedsCuda
@Timeout(120)
class CudaInferenceEngineTest {

  private static final int PROMPTS = 40;
  private static final int COMPLETION = 24;

  @TempDir Path directory;

  @Test
  void everyPromptGetsItsCompletionFromAColdAndAWarmPrefixCache() {
    try (var engine = open()) {
      assertThat(engine.model().provider()).isEqualTo("cuda");
      var channel = engine.openChannel("test", 10_000, () -> {});
      var cold = complete(channel);
      var warm = complete(channel);
      assertThat(cold).hasSize(PROMPTS);
      assertThat(cold.values()).allSatisfy(CudaInferenceEngineTest::isWhole);
      assertThat(warm).hasSize(PROMPTS);
      assertThat(warm.values()).allSatisfy(CudaInferenceEngineTest::isWhole);
      assertThat(warm.values())
          .anySatisfy(end -> assertThat(end.usage().cachedTokens()).isPositive());
    }
  }

  private static void isWhole(Terminal end) {
    assertThat(end).isInstanceOf(Completed.class);
    assertThat(end.usage().completionTokens()).isEqualTo(COMPLETION);
  }

  private InferenceEngine open() {
    var model = TinyModels.export(directory, Precision.FP16);
    var provider = ProviderSettings.of(ExecutionProvider.CUDA);
    return InferenceEngines.open(
        model,
        new EngineSettings(
            Optional.empty(),
            new SessionSettings(6, 256, 32, 1, false, provider),
            PROMPTS,
            Long.MAX_VALUE,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            1 << 20),
        new SimpleMeterRegistry());
  }

  /** Every second one greedy, the others sampled. */
  private static Map<String, Terminal> complete(EngineChannel channel) {
    var random = new Random(1);
    for (int index = 0; index < PROMPTS; index++) {
      int[] prompt = random.ints(5 + random.nextInt(100), 0, 256).toArray();
      var sampling =
          new SamplingParameters(
              index % 2 == 0 ? 0 : 0.9,
              0.95,
              50,
              0,
              1,
              0,
              0,
              Map.of(),
              index,
              new EndConditions(List.of(), Set.of(), true, 0, COMPLETION),
              false,
              0);
      channel.submit(
          new GenerationRequest(
              "r" + index, 1, prompt, sampling, 0, Batchable.NO_DEADLINE, "", ""));
    }
    Map<String, Terminal> ends = new HashMap<>();
    while (ends.size() < PROMPTS) {
      if (channel.poll() instanceof Terminal end) {
        assertThat(ends.put(end.requestId(), end)).isNull();
      }
    }
    return ends;
  }
}
