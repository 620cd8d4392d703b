package io.millrace.runtime.bench;

import static java.util.Objects.requireNonNull;

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
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts a load on an engine and measures what its requests see. */
public final class LoadBenchmark {

  /** A request on its way. */
  private static final class Flight {

    final boolean counts;
    final long submittedNanos;
    final List<Long> gaps = new ArrayList<>();
    long firstTokenNanos;
    long lastTokenNanos;

    Flight(boolean counts, long submittedNanos) {
      this.counts = counts;
      this.submittedNanos = submittedNanos;
    }
  }

  private final LoadSettings settings;
  private final Consumer<String> progress;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Random lengths = new Random(1);
  private final Map<String, Flight> flights = new HashMap<>();
  private final List<Long> firstTokens = new ArrayList<>();
  private final List<Long> cachedFirstTokens = new ArrayList<>();
  private final List<Long> gaps = new ArrayList<>();
  private final int total;
  private final CountDownLatch unfinished;
  private @Nullable Terminal failure;
  private int submitted;
  private int ended;
  private long promptTokens;
  private long cachedTokens;
  private long completionTokens;
  private @Nullable Moment start;
  private @Nullable Moment stop;

  /**
   * @param progress hears a line now and then
   */
  public LoadBenchmark(LoadSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    this.total = settings.warmUp() + settings.requests();
    this.unfinished = new CountDownLatch(total);
  }

  /**
   * Measures once; makes a new one for another time.
   *
   * @throws io.millrace.runtime.model.ModelException if the model cannot be loaded
   * @throws IllegalStateException if a request fails
   */
  public LoadMeasurement run() throws InterruptedException {
    var engineSettings =
        new EngineSettings(
            Optional.empty(),
            settings.session(),
            total,
            Long.MAX_VALUE,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            settings.prefixCacheBytes());
    progress.accept("loading " + settings.model());
    try (var engine = InferenceEngines.open(settings.model(), engineSettings, meters)) {
      if (settings.longest() >= engine.model().contextLength()) {
        throw new IllegalArgumentException(
            "the longest request has %d tokens, the model's context %d"
                .formatted(settings.longest(), engine.model().contextLength()));
      }
      var load = new Load(engine);
      load.submitAll();
      unfinished.await();
      return load.measured();
    }
  }

  /** The load on an opened engine. All of its state is guarded by the benchmark. */
  private final class Load {

    private final InferenceEngine engine;
    private final EngineChannel channel;

    Load(InferenceEngine engine) {
      this.engine = engine;
      // The events are taken where they are told, on the engine's thread: another thread would take
      // a core away from those of a step. There is room for all of them.
      this.channel = engine.openChannel("load", 1 << 20, this::drain);
    }

    void submitAll() {
      switch (settings.arrivals()) {
        case Arrivals.Concurrent(var requests) -> {
          for (int first = 0; first < Math.min(requests, total); first++) {
            submitNext();
          }
        }
        case Arrivals.Poisson(var perSecond) -> submitAt(perSecond);
      }
    }

    private void submitAt(double perSecond) {
      var random = new Random(2);
      long due = System.nanoTime();
      for (int index = 0; index < total; index++) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        submitNext();
        due += (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
      }
    }

    private void submitNext() {
      synchronized (LoadBenchmark.this) {
        int index = submitted++;
        if (index == settings.warmUp()) {
          start = Moment.of(meters);
        }
        var request = request(index);
        boolean counts = index >= settings.warmUp();
        flights.put(request.requestId(), new Flight(counts, System.nanoTime()));
        channel.submit(request);
        if (submitted == total) {
          // From now on there are fewer and fewer at once.
          stop = Moment.of(meters);
        }
      }
    }

    private GenerationRequest request(int index) {
      int length = settings.prompts().draw(lengths);
      int completion = settings.completions().draw(lengths);
      int prefix = (int) ((long) index * settings.prefixes() / total);
      int[] tokens = new int[settings.sharedPrefix() + length];
      fill(tokens, 0, settings.sharedPrefix(), new Random(prefix));
      fill(tokens, settings.sharedPrefix(), tokens.length, new Random(-1L - index));
      // No least number of tokens: that would take another way through the sampler.
      var end = new EndConditions(List.of(), Set.of(), true, 0, completion);
      var sampling = new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, end, false, 0);
      return new GenerationRequest(
          Integer.toString(index), 1, tokens, sampling, 0, Batchable.NO_DEADLINE, "", "");
    }

    private void fill(int[] tokens, int from, int to, Random random) {
      for (int index = from; index < to; index++) {
        tokens[index] = random.nextInt(engine.model().vocabularySize());
      }
    }

    private void drain() {
      synchronized (LoadBenchmark.this) {
        long now = System.nanoTime();
        for (var event = channel.poll(); event != null; event = channel.poll()) {
          switch (event) {
            case Token token -> took(requireNonNull(flights.get(token.requestId())), now);
            case Terminal end -> ended(end, requireNonNull(flights.remove(end.requestId())));
          }
        }
      }
    }

    private void took(Flight flight, long now) {
      if (start != null && stop == null) {
        completionTokens++;
      }
      if (flight.firstTokenNanos == 0) {
        flight.firstTokenNanos = now;
      } else {
        flight.gaps.add(now - flight.lastTokenNanos);
      }
      flight.lastTokenNanos = now;
    }

    private void ended(Terminal end, Flight flight) {
      if (!(end instanceof Completed)) {
        failure = end;
      }
      ended++;
      if (ended % Math.max(1, total / 10) == 0) {
        progress.accept("%d of %d requests".formatted(ended, total));
      }
      if (flight.counts) {
        count(flight, end);
      }
      if (submitted < total && settings.arrivals() instanceof Arrivals.Concurrent) {
        submitNext();
      }
      unfinished.countDown();
    }

    private void count(Flight flight, Terminal end) {
      var usage = end.usage();
      promptTokens += usage.promptTokens();
      cachedTokens += usage.cachedTokens();
      (usage.cachedTokens() > 0 ? cachedFirstTokens : firstTokens)
          .add(flight.firstTokenNanos - flight.submittedNanos);
      gaps.addAll(flight.gaps);
    }

    LoadMeasurement measured() {
      synchronized (LoadBenchmark.this) {
        if (failure != null) {
          throw new IllegalStateException("a request did not complete: " + failure);
        }
        var first = requireNonNull(start);
        var last = requireNonNull(stop);
        return new LoadMeasurement(
            (last.nanos() - first.nanos()) / 1e9,
            promptTokens,
            cachedTokens,
            completionTokens,
            last.stepSeconds() - first.stepSeconds(),
            (last.rows() - first.rows()) / (last.steps() - first.steps()),
            firstTokens,
            cachedFirstTokens,
            gaps);
      }
    }
  }

  /** What the engine's meters said at a moment. */
  private record Moment(long nanos, double stepSeconds, double steps, double rows) {

    static Moment of(SimpleMeterRegistry meters) {
      var batches = meters.get("millrace.engine.batch.size").summary();
      double stepSeconds =
          meters.get("millrace.engine.step").timers().stream()
              .mapToDouble(timer -> timer.totalTime(TimeUnit.SECONDS))
              .sum();
      return new Moment(System.nanoTime(), stepSeconds, batches.count(), batches.totalAmount());
    }
  }
}
