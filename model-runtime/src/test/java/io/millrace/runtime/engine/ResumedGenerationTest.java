package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineChannel.Admission;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A generation that was interrupted anywhere ends as one that was not: tokens, text, log
 * probabilities, finish reason and counts.
 */
@Timeout(120)
class ResumedGenerationTest {

  private static final int MOST_TOKENS = 40;
  private static final int PROMPT_TOKENS = 37;

  @TempDir private static Path directory;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  /** What came of a request. */
  private record Outcome(List<Token> tokens, Completed end) {

    int[] ids() {
      return tokens.stream().mapToInt(Token::tokenId).toArray();
    }

    String text() {
      return String.join("", tokens.stream().map(Token::text).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void endsAsIfItHadNotBeenInterrupted(Precision precision) {
    var model = TinyModels.export(directory, precision);
    for (double temperature : new double[] {0, 1}) {
      var unstopped = run(model, 0, request(temperature, List.of(), new int[0]));
      assertThat(unstopped.getFirst().end().reason()).isEqualTo(FinishReason.LENGTH);
      var stop = stopStrings(unstopped.getFirst().text());
      var whole = run(model, 0, request(temperature, stop, new int[0])).getFirst();
      assertThat(whole.end().reason()).isEqualTo(FinishReason.STOP);
      assertThat(whole.tokens()).hasSizeGreaterThan(8);

      for (int[] draft : drafts(whole.ids())) {
        var alone = run(model, 7, request(temperature, stop, draft));
        assertSame(alone.getFirst(), whole, draft, "alone");
      }
      var together = run(model, 7, requests(temperature, stop, drafts(whole.ids())));
      for (int row = 0; row < together.size(); row++) {
        assertSame(together.get(row), whole, drafts(whole.ids()).get(row), "in a batch");
      }
    }
    assertThat(meters.get("millrace.engine.drafts").tag("outcome", "accepted").counter().count())
        .isPositive();
  }

  private static void assertSame(Outcome resumed, Outcome whole, int[] draft, String how) {
    assertThat(resumed.tokens())
        .as("after %d tokens, %s", draft.length, how)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("requestId")
        .isEqualTo(whole.tokens());
    assertThat(resumed.end().reason()).isEqualTo(whole.end().reason());
    assertThat(resumed.end().usage().promptTokens()).isEqualTo(PROMPT_TOKENS);
    assertThat(resumed.end().usage().completionTokens())
        .isEqualTo(whole.end().usage().completionTokens());
  }

  /** One that ends the text at two thirds, and one that it begins with at a third and misses. */
  private static List<String> stopStrings(String text) {
    int third = text.length() / 3;
    return List.of(
        text.substring(2 * third, 2 * third + 5), text.substring(third, third + 6) + "\u0000");
  }

  /** What an interruption may leave; at the end one that another model has left. */
  private static List<int[]> drafts(int[] whole) {
    List<int[]> drafts = new ArrayList<>();
    IntStream.of(1, whole.length / 3, whole.length / 2, whole.length - 1, whole.length)
        .forEach(cut -> drafts.add(Arrays.copyOf(whole, cut)));
    int[] other = whole.clone();
    other[whole.length / 2] ^= 1;
    drafts.add(other);
    return drafts;
  }

  private static GenerationRequest request(double temperature, List<String> stop, int[] draft) {
    return requests(temperature, stop, List.of(draft))[0];
  }

  private static GenerationRequest[] requests(
      double temperature, List<String> stop, List<int[]> drafts) {
    var end = new EndConditions(stop, Set.of(), true, 0, MOST_TOKENS);
    var sampling =
        new SamplingParameters(temperature, 0.95, 50, 0, 1.1, 0.3, 0.2, Map.of(), 11, end, true, 3);
    int[] prompt = new Random(5).ints(PROMPT_TOKENS, 0, 256).toArray();
    return IntStream.range(0, drafts.size())
        .mapToObj(
            row ->
                new GenerationRequest(
                    "r" + row,
                    1,
                    prompt,
                    sampling,
                    0,
                    Batchable.NO_DEADLINE,
                    "",
                    "",
                    drafts.get(row)))
        .toArray(GenerationRequest[]::new);
  }

  /** By request; they run together. */
  private List<Outcome> run(Path model, int speculativeTokens, GenerationRequest... requests) {
    var settings =
        new EngineSettings(
            Optional.empty(),
            new SessionSettings(requests.length, 128, 64, 1, false)
                .withSpeculativeTokens(speculativeTokens),
            requests.length,
            Long.MAX_VALUE,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            0);
    List<List<Token>> tokens = new ArrayList<>();
    var ends = new Completed[requests.length];
    try (var engine = InferenceEngines.open(model, settings, meters)) {
      var channel = engine.openChannel("resumed", 1_000, () -> {});
      for (var request : requests) {
        tokens.add(new ArrayList<>());
        assertThat(channel.submit(request)).isEqualTo(Admission.ACCEPTED);
      }
      for (int ended = 0; ended < requests.length; ) {
        var event = channel.poll();
        if (event == null) {
          Thread.onSpinWait();
          continue;
        }
        int row = Integer.parseInt(event.requestId().substring(1));
        if (event instanceof Token token) {
          tokens.get(row).add(token);
        } else if (event instanceof Terminal end) {
          assertThat(end).isInstanceOf(Completed.class);
          ends[row] = (Completed) end;
          ended++;
        }
      }
    }
    return IntStream.range(0, requests.length)
        .mapToObj(row -> new Outcome(tokens.get(row), ends[row]))
        .toList();
  }
}
