package io.millrace.runtime.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.engine.InferenceEngines;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an engine busy for long with requests of every kind, cancels some, lets some expire,
 * listens late, and looks whether anything stays behind: requests without an end, slots, memory.
 *
 * <p>It goes in {@value SoakSettings#PARTS} parts. At the end of each all requests have ended, so
 * that counts and memory can be compared.
 */
public final class SoakBenchmark {

  /** Events that may wait in a channel: plenty, few, and so few that rows are held back. */
  private static final List<Integer> CHANNEL_CAPACITIES = List.of(4096, 64, 4);

  private static final long ROUND_NANOS = 1_000_000;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /** A cancellation comes within so many rounds. */
  private static final int MOST_ROUNDS = 30;

  private final SoakSettings settings;
  private final Supplier<OptionalLong> residentBytes;
  private final Consumer<SoakSample> progress;

  /**
   * @param residentBytes memory of this process, empty where the system does not tell
   * @param progress hears of each part when it has ended
   */
  public SoakBenchmark(
      SoakSettings settings, Supplier<OptionalLong> residentBytes, Consumer<SoakSample> progress) {
    this.settings = settings;
    this.residentBytes = residentBytes;
    this.progress = progress;
  }

  /**
   * Soaks once. Ends early if the engine stops telling.
   *
   * @throws io.millrace.runtime.model.ModelException if the model cannot be loaded
   */
  public SoakReport run() {
    var engineSettings =
        new EngineSettings(
            Optional.empty(),
            settings.session(),
            settings.waiting(),
            Long.MAX_VALUE,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            settings.prefixCacheBytes());
    var meters = new SimpleMeterRegistry();
    try (var engine = InferenceEngines.open(settings.model(), engineSettings, meters)) {
      return new Soak(engine, meters).run();
    }
  }

  private record Cancellation(long round, EngineChannel channel, String requestId) {}

  /** The owner of all requests. Belongs to the thread that runs it. */
  private final class Soak {

    private final InferenceEngine engine;
    private final SimpleMeterRegistry meters;
    private final SoakTraffic traffic;
    private final SoakLedger ledger = new SoakLedger();
    private final Random random = new Random(settings.seed());
    private final Thread owner = Thread.currentThread();
    private final List<EngineChannel> channels = new ArrayList<>();
    private final List<SoakSample> samples = new ArrayList<>();
    private final PriorityQueue<Cancellation> cancellations =
        new PriorityQueue<>(Comparator.comparingLong(Cancellation::round));
    private final long start = System.nanoTime();

    /** Was refused, and is sent again. */
    private @Nullable GenerationRequest refused;

    private long refusals;
    private long round;

    Soak(InferenceEngine engine, SimpleMeterRegistry meters) {
      this.engine = engine;
      this.meters = meters;
      traffic =
          new SoakTraffic(
              settings.seed(),
              engine.model().vocabularySize(),
              Math.min(settings.session().capacity(), engine.model().contextLength()));
      for (int capacity : CHANNEL_CAPACITIES) {
        channels.add(engine.openChannel("soak", capacity, () -> LockSupport.unpark(owner)));
      }
    }

    SoakReport run() {
      for (int part = 1; part <= SoakSettings.PARTS && ledger.faults().isEmpty(); part++) {
        long goal = part * settings.tokensOfPart();
        generate(goal);
        compareCounts();
        samples.add(sample());
        progress.accept(samples.getLast());
      }
      occupyAllSlots();
      return new SoakReport(samples, ledger.faults());
    }

    /** Until so many tokens have been told, and no request is under way. */
    private void generate(long goal) {
      await(
          "all requests end",
          () -> {
            playRound(ledger.tokens() < goal);
            return ledger.tokens() >= goal && ledger.underWay() == 0;
          });
    }

    private void playRound(boolean sends) {
      round++;
      for (var channel : channels) {
        // Sometimes an owner has other things to do.
        if (random.nextInt(4) > 0) {
          drain(channel);
        }
      }
      while (!cancellations.isEmpty() && cancellations.element().round() <= round) {
        var cancellation = cancellations.remove();
        cancellation.channel().cancel(cancellation.requestId());
      }
      while (sends && ledger.underWay() < settings.concurrency() && submit()) {
        // Another one.
      }
    }

    private void drain(EngineChannel channel) {
      for (var event = channel.poll(); event != null; event = channel.poll()) {
        ledger.told(event);
      }
    }

    private boolean submit() {
      var request = refused == null ? traffic.next(System.nanoTime()) : refused;
      var channel = channels.get(random.nextInt(channels.size()));
      return switch (channel.submit(request)) {
        case ACCEPTED -> {
          refused = null;
          ledger.submitted(request.requestId());
          if (random.nextInt(8) == 0) {
            long due = round + random.nextInt(MOST_ROUNDS);
            cancellations.add(new Cancellation(due, channel, request.requestId()));
          }
          yield true;
        }
        case BUSY -> {
          refused = request;
          refusals++;
          yield false;
        }
      };
    }

    private void compareCounts() {
      await("no row runs and none waits", () -> gauge("running") == 0 && gauge("waiting") == 0);
      ledger.requireEqual("requests in flight", engine.inFlight(), 0);
      ledger.requireEqual("completion tokens", counted("completion"), ledger.tokens());
      ledger.requireEqual("cached tokens", counted("cached"), ledger.cachedTokens());
      ledger.requireEqual(
          "prompt tokens computed",
          counted("prompt"),
          ledger.promptTokens() - ledger.cachedTokens());
      for (var outcome : List.of("completed", "cancelled", "expired", "failed")) {
        long ended =
            meters.find("millrace.engine.requests").tag("outcome", outcome).counters().stream()
                .mapToLong(counter -> (long) counter.count())
                .sum();
        ledger.requireEqual("requests " + outcome, ended, ledger.ended(outcome));
      }
    }

    private double gauge(String name) {
      return meters.get("millrace.engine." + name).gauge().value();
    }

    private long counted(String kind) {
      return (long) meters.get("millrace.engine.tokens").tag("kind", kind).counter().count();
    }

    /**
     * Fills the slots with rows that cannot go on, as no one listens: if one had leaked, one row
     * would have none.
     */
    private void occupyAllSlots() {
      int slots = settings.session().slots();
      try (var deaf = engine.openChannel("deaf", 1, () -> LockSupport.unpark(owner))) {
        for (int row = 0; row < slots; row++) {
          var request = traffic.plain();
          await(
              "a request is taken", () -> deaf.submit(request) == EngineChannel.Admission.ACCEPTED);
        }
        await("all slots are in use at once", () -> gauge("running") == slots);
      }
      await("all slots are free", () -> gauge("running") == 0 && engine.inFlight() == 0);
    }

    private void await(String what, BooleanSupplier condition) {
      long progressed = System.nanoTime();
      long seen = ledger.tokens();
      while (!condition.getAsBoolean()) {
        if (ledger.tokens() != seen) {
          seen = ledger.tokens();
          progressed = System.nanoTime();
        } else if (System.nanoTime() - progressed > PATIENCE_NANOS) {
          ledger.fault(
              "waited in vain until %s: %d requests under way, %.0f running, %.0f waiting"
                  .formatted(what, ledger.underWay(), gauge("running"), gauge("waiting")));
          return;
        }
        LockSupport.parkNanos(this, ROUND_NANOS);
      }
    }

    private SoakSample sample() {
      System.gc();
      return new SoakSample(
          (System.nanoTime() - start) / 1e9,
          ledger.tokens(),
          ledger.ended("completed"),
          ledger.ended("cancelled"),
          ledger.ended("expired"),
          refusals,
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
          residentBytes.get());
    }
  }
}
