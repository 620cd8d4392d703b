package io.millrace.runtime.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.runtime.session.SessionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures an engine with speculation against one without, over the same model and in turns: chats,
 * the same chats asked again with the reply in the history, which is then quoted; texts that repeat
 * themselves; texts for which nothing can be drafted, and texts of which what is drafted is wrong.
 */
public final class SpeculationBenchmark {

  private static final long REST_NANOS = 200_000_000;

  /** Seldom, as in {@link EngineRun}. */
  private static final long POLL_NANOS = 5_000_000;

  /** Of misleading texts: few, so that two of them in a row have mostly been there before. */
  private static final int TOKENS_TO_CHOOSE_FROM = 8;

  /** The most that a request may ask for: no other token has a chance. */
  private static final double BIAS = 100;

  /** Requests of one kind of text. */
  private record Text(String name, List<GenerationRequest> requests) {}

  private final SpeculationSettings settings;
  private final Consumer<String> progress;

  /**
   * @param progress hears one line per step
   */
  public SpeculationBenchmark(SpeculationSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @return one measurement per kind of text
   * @throws io.millrace.runtime.model.ModelException if the model cannot be loaded
   * @throws IllegalStateException if a request fails
   */
  public List<SpeculationMeasurement> run() {
    progress.accept("loading " + settings.model());
    try (var with = new Contender(settings.session());
        var without = new Contender(settings.session().withSpeculativeTokens(0))) {
      return texts(without).stream().map(text -> measure(text, with, without)).toList();
    }
  }

  private SpeculationMeasurement measure(Text text, Contender with, Contender without) {
    progress.accept(text.name());
    long differing = 0;
    with.begin();
    without.begin();
    for (int repeat = 0; repeat <= settings.repeats(); repeat++) {
      // The first is the warm-up. Every other time the other way round, so that a trend favours
      // none.
      boolean counts = repeat > 0;
      var first = repeat % 2 == 0 ? with : without;
      var second = repeat % 2 == 0 ? without : with;
      differing += differing(first.generate(text, counts), second.generate(text, counts));
    }
    return new SpeculationMeasurement(
        text.name(), with.speeds, without.speeds, with.accepted(), with.rejected(), differing);
  }

  private static long differing(List<List<Integer>> some, List<List<Integer>> others) {
    long differing = 0;
    for (int request = 0; request < some.size(); request++) {
      var one = some.get(request);
      var other = others.get(request);
      int longest = Math.max(one.size(), other.size());
      differing +=
          IntStream.range(0, longest)
              .filter(
                  index ->
                      index >= one.size()
                          || index >= other.size()
                          || !one.get(index).equals(other.get(index)))
              .count();
    }
    return differing;
  }

  private List<Text> texts(Contender contender) {
    var engine = contender.engine;
    List<Text> texts = new ArrayList<>();
    if (!settings.chats().isEmpty()) {
      var chats = settings.chats().stream().map(chat -> request(engine, chat)).toList();
      texts.add(new Text("chats", chats));
      texts.add(new Text("chats asked again", askedAgain(contender, chats)));
    }
    texts.add(new Text("most likely tokens", random(engine, 0, Map.of())));
    texts.add(new Text("random tokens", random(engine, 1, Map.of())));
    var few =
        new Random(2)
            .ints(0, engine.model().vocabularySize())
            .distinct()
            .limit(TOKENS_TO_CHOOSE_FROM)
            .boxed()
            .collect(Collectors.toMap(token -> token, _ -> BIAS));
    texts.add(new Text("random tokens of " + few.size(), random(engine, 1, few)));
    return texts;
  }

  private List<GenerationRequest> askedAgain(Contender contender, List<GenerationRequest> chats) {
    List<GenerationRequest> again = new ArrayList<>();
    for (int index = 0; index < chats.size(); index++) {
      var asked = settings.chats().get(index);
      var chat = new ArrayList<>(asked);
      chat.add(new ChatMessage("assistant", contender.text(chats.get(index))));
      chat.add(asked.getLast());
      again.add(request(contender.engine, chat));
    }
    return again;
  }

  private GenerationRequest request(InferenceEngine engine, List<ChatMessage> chat) {
    return request(engine.encoder().encodeChat(chat), 0, Map.of(), false);
  }

  private List<GenerationRequest> random(
      InferenceEngine engine, double temperature, Map<Integer, Double> bias) {
    var random = new Random(1);
    return IntStream.range(0, settings.requests())
        .mapToObj(
            _ -> random.ints(settings.promptTokens(), 0, engine.model().vocabularySize()).toArray())
        .map(prompt -> request(prompt, temperature, bias, true))
        .toList();
  }

  private GenerationRequest request(
      int[] prompt, double temperature, Map<Integer, Double> bias, boolean ignoresEnd) {
    var end = new EndConditions(List.of(), Set.of(), ignoresEnd, 0, settings.completionTokens());
    var sampling = new SamplingParameters(temperature, 1, 0, 0, 1, 0, 0, bias, 7, end, false, 0);
    return new GenerationRequest("r", 1, prompt, sampling, 0, Batchable.NO_DEADLINE, "", "");
  }

  /** One of the two engines and what was measured of it. */
  private final class Contender implements AutoCloseable {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InferenceEngine engine;
    private final EngineChannel channel;
    private Speeds speeds = new Speeds();
    private long acceptedBefore;
    private long rejectedBefore;

    Contender(SessionSettings session) {
      var alone = EngineSettings.of(session, 1);
      var drafted = settings.draftModel().map(alone::withDraftModel).orElse(alone);
      engine = InferenceEngines.open(settings.model(), drafted, meters);
      channel = engine.openChannel("speculation", 2 * settings.completionTokens() + 1, () -> {});
    }

    /** Begins another text. */
    void begin() {
      speeds = new Speeds();
      acceptedBefore = counted("accepted");
      rejectedBefore = counted("rejected");
    }

    long accepted() {
      return counted("accepted") - acceptedBefore;
    }

    long rejected() {
      return counted("rejected") - rejectedBefore;
    }

    private long counted(String outcome) {
      return (long) meters.get("millrace.engine.drafts").tag("outcome", outcome).counter().count();
    }

    /** Generates one completion after the other; returns their tokens. */
    List<List<Integer>> generate(Text text, boolean counts) {
      // The threads of the other engine spin for a while after their last step.
      LockSupport.parkNanos(REST_NANOS);
      List<List<Integer>> completions = new ArrayList<>();
      int tokens = 0;
      long nanos = 0;
      for (var request : text.requests()) {
        List<Integer> completion = new ArrayList<>();
        completions.add(completion);
        var usage = generate(request, token -> completion.add(token.tokenId())).usage();
        // The first token comes of the prefill.
        tokens += Math.max(0, completion.size() - 1);
        nanos += usage.decodeNanos();
      }
      if (counts) {
        speeds.add(tokens, nanos);
      }
      return completions;
    }

    /** The text of a completion. */
    String text(GenerationRequest request) {
      List<Token> tokens = new ArrayList<>();
      generate(request, tokens::add);
      return tokens.stream().map(Token::text).collect(Collectors.joining());
    }

    private Terminal generate(GenerationRequest request, Consumer<Token> completion) {
      channel.submit(request);
      while (true) {
        switch (channel.poll()) {
          case null -> LockSupport.parkNanos(this, POLL_NANOS);
          case Token token -> completion.accept(token);
          case Completed completed -> {
            return completed;
          }
          case Terminal failure ->
              throw new IllegalStateException("a completion failed: " + failure);
        }
      }
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
