package io.millrace.runtime.engine;

import io.millrace.batching.IterationScheduler;
import io.millrace.batching.SchedulerLimits;
import io.millrace.runtime.engine.EngineEvent.Failed;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.sampling.Sampler;
import io.millrace.runtime.session.Decoder;
import io.millrace.runtime.tokenizer.Vocabulary;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's loop body: continuous batching over one decoder.
 *
 * <p>{@link #doWork} is one iteration: take commands, drop what was cancelled or has expired, admit
 * into free slots and prefill, decode one step for all rows that can go on, sample, tell, retire. A
 * row's slot in the KV cache is its index among the scheduler's running rows; those that take part
 * in a decode step are brought to the front first.
 *
 * <p>A prompt begins with what the prefix cache has of it and is prefilled from there in chunks;
 * iterations in which others decode come between them. A row whose channel has no room sits out
 * until it has: its events wait in its outbox, and it generates no more than those.
 *
 * <p>A decode step that fails is tried again row by row, one row in each iteration, so that only
 * the row it fails by ends with {@link Failed}; if it fails by none of them, fewer rows are decoded
 * together from then on. The engine goes on. Belongs to one thread.
 */
final class EngineAgent {

  private static final Logger LOG = LoggerFactory.getLogger(EngineAgent.class);

  /** What is left of a chunk is used for a part of a prompt if it is this part of the chunk. */
  private static final int LEAST_PART = 8;

  private final EngineEntrance entrance;
  private final Decoder decoder;
  private final Vocabulary vocabulary;
  private final Set<Integer> endTokens;
  private final EngineMeters meters;
  private final Sampler sampler;
  private final PrefixCache prefixes;
  private final StepWatchdog watchdog;
  private final BatchLimit batchLimit;
  private final Suspects suspects;
  private final IterationScheduler<Generation> scheduler;

  /** The one whose prompt is not computed to its end. */
  private @Nullable Generation prefilling;

  /** Those that have sent a request and are not closed. */
  private final Set<QueuedChannel> channels = new LinkedHashSet<>();

  private final Endings endings;
  private final int[] tokens;
  private volatile int runningRows;

  EngineAgent(
      EngineEntrance entrance,
      Decoder decoder,
      Vocabulary vocabulary,
      Set<Integer> endTokens,
      PrefixCache prefixes,
      StepWatchdog watchdog,
      SchedulerLimits limits,
      EngineMeters meters) {
    this.entrance = entrance;
    this.decoder = decoder;
    this.vocabulary = vocabulary;
    this.endTokens = endTokens;
    this.prefixes = prefixes;
    this.watchdog = watchdog;
    this.batchLimit = new BatchLimit(decoder.slots());
    this.suspects = new Suspects(batchLimit);
    this.meters = meters;
    this.endings = new Endings(entrance, meters);
    this.sampler = new Sampler(decoder.vocabularySize(), endTokens);
    this.scheduler = new IterationScheduler<>(limits);
    this.tokens = new int[decoder.slots()];
  }

  /** Rows that have a slot; may be asked from any thread. */
  int running() {
    return runningRows;
  }

  /** Whether nothing but a command could give it work. */
  boolean isIdle() {
    return scheduler.isIdle() && endings.areTold();
  }

  /**
   * Does one iteration.
   *
   * @return what was done, in commands, events and tokens; 0 if there was nothing to do
   */
  int doWork() {
    int work = takeCommands();
    work += deliver();
    work += expire(entrance.now());
    work += prefill();
    announce();
    work += decode();
    announce();
    runningRows = scheduler.running().size();
    return work;
  }

  private void announce() {
    channels.forEach(QueuedChannel::announce);
  }

  private int takeCommands() {
    int taken = 0;
    for (var command = entrance.next(); command != null; command = entrance.next()) {
      switch (command) {
        case EngineCommand.Submit(var generation) -> accept(generation);
        case EngineCommand.Cancel(var generation) -> cancel(generation);
        case EngineCommand.CloseChannel(var channel) -> abandon(channel);
      }
      taken++;
    }
    return taken;
  }

  private void accept(Generation generation) {
    if (generation.channel().isClosed()) {
      entrance.leaveWaitingRoom(generation.promptTokens());
      endings.abandon(generation);
      return;
    }
    channels.add(generation.channel());
    if (!scheduler.offer(generation, entrance.now())) {
      entrance.leaveWaitingRoom(generation.promptTokens());
      fail(
          generation,
          new IllegalStateException("the entrance let in more than the waiting room holds"));
    }
  }

  private void cancel(Generation generation) {
    if (generation.hasEnded()) {
      return;
    }
    if (scheduler.withdraw(generation)) {
      entrance.leaveWaitingRoom(generation.promptTokens());
      endings.cancel(generation);
    } else {
      endings.cancel(generation);
      retire(scheduler.running().indexOf(generation));
    }
  }

  /** Drops all that a channel still has here; no one can hear of it any more. */
  private void abandon(QueuedChannel channel) {
    channels.remove(channel);
    for (int row = scheduler.running().size() - 1; row >= 0; row--) {
      var generation = scheduler.running().get(row);
      if (generation.channel() == channel) {
        endings.abandon(generation);
        retire(row);
      }
    }
    for (var generation : scheduler.withdrawIf(waiting -> waiting.channel() == channel)) {
      entrance.leaveWaitingRoom(generation.promptTokens());
      endings.abandon(generation);
    }
    endings.abandon(channel);
  }

  /** Hands on the events that found no room in their channel before. */
  private int deliver() {
    int delivered = endings.deliver();
    for (var generation : scheduler.running()) {
      if (!generation.isDelivered() && generation.deliver()) {
        delivered++;
      }
    }
    return delivered;
  }

  private int expire(long now) {
    int expired = 0;
    for (var generation : scheduler.expireWaiting(now)) {
      entrance.leaveWaitingRoom(generation.promptTokens());
      endings.expire(generation);
      expired++;
    }
    for (int row = scheduler.running().size() - 1; row >= 0; row--) {
      var generation = scheduler.running().get(row);
      if (generation.deadlineNanos() <= now) {
        endings.expire(generation);
        retire(row);
        expired++;
      }
    }
    return expired;
  }

  /**
   * Admits prompts and computes them until a chunk's worth of tokens has been computed: a part of a
   * long prompt, several short prompts. A prompt is cut where the chunk ends, unless so little of
   * it would fit that a call for it does not pay.
   */
  private int prefill() {
    int chunk = decoder.prefillChunk();
    int leastPart = Math.max(2, chunk / LEAST_PART);
    int computed = 0;
    while (computed < chunk) {
      var generation = prefilling == null ? admit() : prefilling;
      if (generation == null) {
        break;
      }
      int from = generation.prefilled();
      int to = decoder.chunkEnd(from, chunk - computed, generation.promptTokens());
      if (computed > 0 && to < generation.promptTokens() && to - from < leastPart) {
        break;
      }
      prefill(generation, from, to);
      computed += to - from;
    }
    return computed;
  }

  private @Nullable Generation admit() {
    if (scheduler.running().size() >= batchLimit.rows()) {
      return null;
    }
    var admitted = scheduler.admit();
    admitted.ifPresent(
        generation -> {
          entrance.leaveWaitingRoom(generation.promptTokens());
          prefilling = generation;
          reuse(generation);
        });
    return prefilling;
  }

  /** Begins with what the prompt shares with others before it. */
  private void reuse(Generation generation) {
    int row = scheduler.running().indexOf(generation);
    int cached = prefixes.load(row, generation.request());
    meters.cached(cached);
    generation.usage().cached(cached);
    generation.prefilledUpTo(cached);
  }

  private void prefill(Generation generation, int from, int to) {
    int row = scheduler.running().indexOf(generation);
    try {
      long start = entrance.now();
      watchdog.watch(() -> decoder.prefill(row, generation.request().tokens(), from, to));
      long end = entrance.now();
      meters.prefilled(to - from, end - start);
      generation.usage().prefilled(to - from, start, end);
      generation.prefilledUpTo(to);
      prefixes.keep(row, generation.request(), to);
      if (generation.isPrefilled()) {
        prefilling = null;
        advance(generation, 0, end);
      }
    } catch (RuntimeException | Error failure) {
      meters.failed("prefill");
      fail(generation, failure);
    }
    if (generation.hasEnded()) {
      retire(row);
    }
  }

  private int decode() {
    var suspect = suspects.poll();
    if (suspect != null) {
      decodeAlone(suspect);
      return 1;
    }
    int rows = Math.min(bringToFront(Generation::isDecodable), batchLimit.rows());
    if (rows > 0) {
      decodeTogether(rows);
    }
    return rows;
  }

  private void decodeTogether(int rows) {
    try {
      step(0, rows);
    } catch (RuntimeException | Error failure) {
      meters.failed("decode");
      if (rows == 1) {
        fail(scheduler.running().getFirst(), failure);
        retire(0);
      } else {
        LOG.warn("A decode step of {} rows failed; it is tried again row by row", rows, failure);
        suspects.begin(scheduler.running().subList(0, rows));
      }
      return;
    }
    batchLimit.succeeded();
    advance(0, rows);
  }

  private void decodeAlone(Generation suspect) {
    int row = scheduler.running().indexOf(suspect);
    try {
      step(row, 1);
    } catch (RuntimeException | Error failure) {
      meters.failed("decode");
      suspects.guilty();
      fail(suspect, failure);
      retire(row);
      return;
    }
    advance(row, 1);
  }

  /** Computes and nothing else, so that it can be tried again if it fails. */
  private void step(int first, int rows) {
    var running = scheduler.running();
    for (int row = first; row < first + rows; row++) {
      tokens[row] = running.get(row).lastToken();
    }
    long start = entrance.now();
    watchdog.watch(() -> decoder.decode(first, rows, tokens));
    meters.decoded(rows, entrance.now() - start);
  }

  /** Takes in what a step has computed. */
  private void advance(int first, int rows) {
    long now = entrance.now();
    var running = scheduler.running();
    for (int row = 0; row < rows; row++) {
      var generation = running.get(first + row);
      generation.usage().decoded(rows);
      try {
        advance(generation, row, now);
      } catch (RuntimeException | Error failure) {
        fail(generation, failure);
      }
    }
    // From the last on: closing a gap moves only rows behind it.
    for (int row = first + rows - 1; row >= first; row--) {
      if (running.get(row).hasEnded()) {
        retire(row);
      }
    }
  }

  private void fail(Generation generation, Throwable failure) {
    LOG.error("Request {} failed", generation.requestId(), failure);
    endings.fail(generation, failure);
  }

  /** Samples the row's next token and tells it, or the end that it means. */
  private void advance(Generation generation, int row, long now) {
    decoder.readLogits(row, sampler.logits().bits());
    int token = sampler.sample(generation.sequence());
    if (generation.endsBefore(token, endTokens)) {
      endings.complete(generation, FinishReason.STOP, now);
      return;
    }
    meters.generated();
    boolean stopped = generation.generated(token, sampler, vocabulary, now);
    int generated = generation.usage().completionTokens();
    if (stopped) {
      endings.complete(generation, FinishReason.STOP, now);
    } else if (generated >= generation.maxCompletionTokens()
        || generation.promptTokens() + generated >= decoder.capacity()) {
      endings.complete(generation, FinishReason.LENGTH, now);
    }
  }

  private void retire(int row) {
    var generation = scheduler.running().get(row);
    suspects.clear(generation);
    if (generation == prefilling) {
      prefilling = null;
    }
    scheduler
        .retire(row, generation.usage().completionTokens())
        .ifPresent(move -> decoder.moveRow(move.from(), move.to()));
  }

  /** Exchanges rows until those that fit come first; returns how many they are. */
  private int bringToFront(Predicate<Generation> fits) {
    var running = scheduler.running();
    int front = 0;
    int back = running.size() - 1;
    while (true) {
      while (front <= back && fits.test(running.get(front))) {
        front++;
      }
      while (front < back && !fits.test(running.get(back))) {
        back--;
      }
      if (front >= back) {
        return front;
      }
      scheduler.swap(front, back);
      decoder.swapRows(front, back);
    }
  }
}
