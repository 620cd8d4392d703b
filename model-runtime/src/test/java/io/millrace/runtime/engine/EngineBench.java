package io.millrace.runtime.engine;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.batching.SchedulerLimits;
import io.millrace.runtime.engine.EngineChannel.Admission;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.runtime.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An agent over a {@link FakeDecoder}, driven by hand. Tokens 0 to 25 are the letters, {@link #END}
 * ends a completion.
 */
final class EngineBench {

  static final int END = 26;
  static final int VOCABULARY = 27;
  static final Duration STEP_TIMEOUT = Duration.ofMillis(1);

  /** Shorter than what the tests give the other. */
  static final int DRAFT_CAPACITY = 40;

  static final int MAX_WAITING_TOKENS = 1_000;

  /** Few, so that they are soon given to others. */
  private static final int BLOCKS = 5;

  final SimulatedClock clock = new SimulatedClock();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final FakeDecoder decoder;

  /** Of the draft model, if there is one. */
  @Nullable FakeDecoder draftDecoder;

  private @Nullable StepWatchdog draftWatchdog;

  final EngineEntrance entrance;
  final StepWatchdog watchdog;
  final EngineAgent agent;

  /** A successor function that spells the alphabet and ends after z. */
  static int following(List<Integer> sequence) {
    return sequence.getLast() + 1;
  }

  /** A successor function that depends on every token before, and never ends. */
  static int hashing(List<Integer> sequence) {
    return Math.floorMod((sequence.hashCode() * 0x9e3779b9) >>> 3, 26);
  }

  EngineBench(int slots, ToIntFunction<List<Integer>> next) {
    this(slots, 64, 8, 16, next);
  }

  EngineBench(
      int slots, int capacity, int chunk, int maxWaiting, ToIntFunction<List<Integer>> next) {
    this(slots, capacity, chunk, maxWaiting, 0, next);
  }

  EngineBench(
      int slots,
      int capacity,
      int chunk,
      int maxWaiting,
      int verifiableTokens,
      ToIntFunction<List<Integer>> next) {
    this(slots, capacity, chunk, maxWaiting, verifiableTokens, next, null);
  }

  /**
   * @param drafted the successor function of a draft model, if there is to be one
   */
  EngineBench(
      int slots,
      int capacity,
      int chunk,
      int maxWaiting,
      int verifiableTokens,
      ToIntFunction<List<Integer>> next,
      @Nullable ToIntFunction<List<Integer>> drafted) {
    decoder = new FakeDecoder(slots, capacity, chunk, VOCABULARY, verifiableTokens, clock, next);
    var limits = new SchedulerLimits(slots, maxWaiting, MAX_WAITING_TOKENS, 1_000_000);
    entrance = new EngineEntrance(limits, capacity, VOCABULARY, clock);
    var engineMeters = new EngineMeters(meters, "fake", 0);
    watchdog = new StepWatchdog(decoder, STEP_TIMEOUT, clock, engineMeters);
    agent =
        new EngineAgent(
            entrance,
            decoder,
            letters(),
            Set.of(END),
            new PrefixCache(decoder, BLOCKS),
            watchdog,
            limits,
            engineMeters,
            drafted == null ? null : draftModel(drafted, engineMeters));
  }

  private DraftModel draftModel(ToIntFunction<List<Integer>> drafted, EngineMeters engineMeters) {
    draftDecoder = new FakeDecoder(1, DRAFT_CAPACITY, 8, VOCABULARY, 0, clock, drafted);
    draftDecoder.decodeNanos = FakeDecoder.DECODE_NANOS / 10;
    draftDecoder.findsLargest = true;
    draftWatchdog = new StepWatchdog(draftDecoder, STEP_TIMEOUT, clock, engineMeters);
    return new DraftModel(draftDecoder, draftWatchdog);
  }

  /** Looks whether the draft model hangs. */
  void checkDraftModel() {
    requireNonNull(draftWatchdog).check();
  }

  private static Vocabulary letters() {
    byte[][] bytes = new byte[VOCABULARY][0];
    for (int token = 0; token < END; token++) {
      bytes[token] = text(List.of(token)).getBytes(StandardCharsets.UTF_8);
    }
    return new Vocabulary(bytes, false, Set.of());
  }

  /** The letters of some tokens. */
  static String text(List<Integer> tokens) {
    var text = new StringBuilder();
    tokens.forEach(token -> text.append((char) ('a' + token)));
    return text.toString();
  }

  QueuedChannel channel(int capacity) {
    return channel(capacity, () -> {});
  }

  QueuedChannel channel(int capacity, Runnable onEvents) {
    return new QueuedChannel("test", capacity, entrance, onEvents);
  }

  /** Works until there is nothing left to do for the events that can be told now. */
  void run() {
    int idle = 0;
    for (int iteration = 0; idle < 2; iteration++) {
      idle = agent.doWork() == 0 ? idle + 1 : 0;
      if (iteration > 10_000) {
        throw new AssertionError("the agent never comes to rest");
      }
    }
  }

  void run(int iterations) {
    for (int iteration = 0; iteration < iterations; iteration++) {
      agent.doWork();
    }
  }

  static List<EngineEvent> drain(EngineChannel channel) {
    List<EngineEvent> events = new ArrayList<>();
    for (var event = channel.poll(); event != null; event = channel.poll()) {
      events.add(event);
    }
    return events;
  }

  /** The text of one request's tokens, joined. */
  static String text(String requestId, List<EngineEvent> events) {
    var text = new StringBuilder();
    for (var event : events) {
      if (event instanceof EngineEvent.Token token && token.requestId().equals(requestId)) {
        text.append(token.text());
      }
    }
    return text.toString();
  }

  static EngineEvent.Terminal end(String requestId, List<EngineEvent> events) {
    var ends =
        events.stream()
            .filter(event -> event.requestId().equals(requestId))
            .filter(EngineEvent.Terminal.class::isInstance)
            .map(EngineEvent.Terminal.class::cast)
            .toList();
    if (ends.size() != 1) {
      throw new AssertionError(requestId + " has not one terminal event: " + events);
    }
    return ends.getFirst();
  }

  static GenerationRequest request(String id, int maxTokens, int... prompt) {
    return request(id, SamplingParameters.greedy(maxTokens), Batchable.NO_DEADLINE, prompt);
  }

  static GenerationRequest request(
      String id, SamplingParameters sampling, long deadlineNanos, int... prompt) {
    return new GenerationRequest(id, 1, prompt, sampling, 0, deadlineNanos, "", "");
  }

  static SamplingParameters stoppingAt(String... stops) {
    return ending(new EndConditions(List.of(stops), Set.of(), false, 0, 100));
  }

  static SamplingParameters ending(EndConditions end) {
    return new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, end, true, 2);
  }

  static void accept(EngineChannel channel, GenerationRequest request) {
    if (channel.submit(request) != Admission.ACCEPTED) {
      throw new AssertionError(request.requestId() + " was not accepted");
    }
  }
}
