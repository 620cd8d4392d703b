package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineChannel.Admission;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import io.millrace.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class OnnxInferenceEngineTest {

  private static final int PROMPTS = 16;

  @TempDir private static Path directory;

  private static Path model;

  @BeforeAll
  static void export() {
    model = TinyModels.export(directory, Precision.INT8);
  }

  private static InferenceEngine open(Path path, int slots) {
    return open(path, slots, 1 << 24);
  }

  private static InferenceEngine open(Path path, int slots, long prefixCacheBytes) {
    var session = new SessionSettings(slots, 256, 16, 1, false);
    return InferenceEngines.open(
        path,
        new EngineSettings(
            Optional.empty(),
            session,
            64,
            100_000,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            prefixCacheBytes),
        new SimpleMeterRegistry());
  }

  /** Every second prompt greedy, the others sampled; of very different lengths. */
  private static GenerationRequest request(InferenceEngine engine, int index) {
    var message = new ChatMessage("user", "Where is order " + "0123456789".repeat(index) + "?");
    var sampling =
        new SamplingParameters(
            index % 2 == 0 ? 0 : 0.9,
            0.95,
            50,
            0,
            1.1,
            0,
            0,
            Map.of(),
            index,
            EndConditions.after(24),
            true,
            3);
    return new GenerationRequest(
        "r" + index,
        1,
        engine.encoder().encodeChat(List.of(message)),
        sampling,
        0,
        Batchable.NO_DEADLINE,
        "",
        "");
  }

  /** Polls until so many more requests have ended. */
  private static List<EngineEvent> collect(EngineChannel channel, int requests) {
    List<EngineEvent> events = new ArrayList<>();
    for (int ended = 0; ended < requests; ) {
      var event = channel.poll();
      if (event == null) {
        Thread.onSpinWait();
        continue;
      }
      events.add(event);
      if (event instanceof Terminal) {
        ended++;
      }
    }
    return events;
  }

  private static List<Token> tokens(int index, List<EngineEvent> events) {
    return events.stream()
        .filter(event -> event.requestId().equals("r" + index))
        .filter(Token.class::isInstance)
        .map(Token.class::cast)
        .toList();
  }

  private static List<Integer> ids(int index, List<EngineEvent> events) {
    return tokens(index, events).stream().map(Token::tokenId).toList();
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void tokensAreTheSameAloneAndTogether(Precision precision) {
    var path = TinyModels.export(directory, precision);
    List<EngineEvent> alone = new ArrayList<>();
    try (var engine = open(path, 1)) {
      var channel = engine.openChannel("alone", 1000, () -> {});
      for (int index = 0; index < PROMPTS; index++) {
        assertThat(channel.submit(request(engine, index))).isEqualTo(Admission.ACCEPTED);
        alone.addAll(collect(channel, 1));
      }
    }
    List<EngineEvent> together = new ArrayList<>();
    try (var engine = open(path, 5)) {
      // A small channel and staggered arrivals: rows stall, move and swap.
      var channel = engine.openChannel("together", 12, () -> {});
      for (int index = 0; index < PROMPTS; index++) {
        assertThat(channel.submit(request(engine, index))).isEqualTo(Admission.ACCEPTED);
        together.addAll(collect(channel, index % 3 == 2 ? 1 : 0));
      }
      together.addAll(collect(channel, PROMPTS - PROMPTS / 3));
    }
    for (int index = 0; index < PROMPTS; index++) {
      assertThat(ids(index, together)).isNotEmpty().isEqualTo(ids(index, alone));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void tokensAndProbabilitiesAreTheSameWithAWarmPrefixCache(Precision precision) {
    var path = TinyModels.export(directory, precision);
    try (var without = open(path, 1, 0);
        var with = open(path, 1)) {
      var cold = without.openChannel("cold", 1000, () -> {});
      var warm = with.openChannel("warm", 1000, () -> {});
      for (int index = 0; index < 2 * PROMPTS; index++) {
        var request = request(with, index % PROMPTS);
        assertThat(cold.submit(request)).isEqualTo(Admission.ACCEPTED);
        assertThat(warm.submit(request)).isEqualTo(Admission.ACCEPTED);
        var expected = collect(cold, 1);
        var actual = collect(warm, 1);
        assertThat(tokens(index % PROMPTS, actual))
            .isNotEmpty()
            .isEqualTo(tokens(index % PROMPTS, expected));
        if (index >= PROMPTS) {
          int blocks = (request.promptTokens() - 2) / PrefixCache.BLOCK_TOKENS;
          assertThat(((Completed) actual.getLast()).usage().cachedTokens())
              .isPositive()
              .isEqualTo(blocks * PrefixCache.BLOCK_TOKENS);
        }
      }
    }
  }

  @Test
  void joinedTextIsTheTokenizersOwnDecoding() {
    try (var engine = open(model, 2);
        var tokenizer = Tokenizer.load(model.resolve("tokenizer.json"))) {
      var channel = engine.openChannel("test", 1000, () -> {});
      assertThat(channel.submit(request(engine, 1))).isEqualTo(Admission.ACCEPTED);
      var events = collect(channel, 1);
      int[] ids = ids(1, events).stream().mapToInt(id -> id).toArray();
      var text = new StringBuilder();
      tokens(1, events).forEach(token -> text.append(token.text()));
      assertThat(text.toString()).isEqualTo(tokenizer.decode(ids));
      assertThat(tokens(1, events)).allSatisfy(token -> assertThat(token.logprob()).isNegative());
      assertThat(events.getLast()).isInstanceOf(Completed.class);
    }
  }

  @Test
  void describesItsModel() {
    try (var engine = open(model, 1)) {
      assertThat(engine.model().name()).isEqualTo("tiny-int8");
      assertThat(engine.model().architecture()).isEqualTo("llama");
      assertThat(engine.model().contextLength()).isEqualTo(256);
      assertThat(engine.model().provider()).isEqualTo("cpu");
      assertThat(engine.model().hash()).matches("[0-9a-f]{64}");
      assertThat(engine.model().engineVersion()).contains("onnxruntime/1.");
    }
  }

  @Test
  void closesWithRequestsInFlightAndMoreThanOnce() {
    var engine = open(model, 1);
    var channel = engine.openChannel("test", 1000, () -> {});
    IntStream.range(0, 3)
        .forEach(
            index ->
                assertThat(channel.submit(request(engine, index))).isEqualTo(Admission.ACCEPTED));
    var late = request(engine, 5);
    engine.close();
    engine.close();
    assertThatThrownBy(() -> channel.submit(late)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> engine.openChannel("late", 1, () -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nativeLibrariesLoadOnThisMachine() {
    assertThat(InferenceEngines.checkNativeLibraries()).startsWith("1.");
  }
}
