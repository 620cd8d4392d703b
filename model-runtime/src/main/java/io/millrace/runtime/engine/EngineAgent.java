package io.millrace.runtime.engine;

import io.millrace.batching.IterationScheduler;
import io.millrace.batching.SchedulerLimits;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.session.Decoder;
import io.millrace.runtime.tokenizer.Vocabulary;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The engine's loop body: continuous batching over one decoder.
 *
 * <p>{@link #doWork} is one iteration: take commands, drop what was cancelled or has expired, admit
 * into free slots and prefill, decode one step for all rows that can go on, sample, tell, retire. A
 * row's slot in the KV cache is its index among the scheduler's running rows; those that take part
 * in a decode step are brought to the front first.
 *
 * <p>A row whose channel has no room sits out until it has: its events wait in its outbox, and it
 * generates no more than those. Belongs to one thread.
 */
final class EngineAgent {

  private final EngineEntrance entrance;
  private final IterationScheduler<Generation> scheduler;
  private final Rows rows;
  private final Endings endings;
  private final Prefill prefill;
  private final Decode decode;

  /** Those that have sent a request and are not closed. */
  private final Set<QueuedChannel> channels = new LinkedHashSet<>();

  private volatile int runningRows;

  EngineAgent(
      EngineEntrance entrance,
      Decoder decoder,
      Vocabulary vocabulary,
      Set<Integer> endTokens,
      PrefixCache prefixes,
      StepWatchdog watchdog,
      SchedulerLimits limits,
      EngineMeters meters,
      @Nullable DraftModel draftModel) {
    this.entrance = entrance;
    scheduler = new IterationScheduler<>(limits);
    rows = new Rows(scheduler, decoder);
    endings = new Endings(entrance, meters);
    var batchLimit = new BatchLimit(decoder.slots());
    var nextToken = new NextToken(decoder, vocabulary, endTokens, endings, meters);
    prefill =
        new Prefill(
            entrance,
            scheduler,
            rows,
            decoder,
            prefixes,
            watchdog,
            batchLimit,
            nextToken,
            endings,
            meters);
    decode =
        new Decode(
            entrance, rows, decoder, watchdog, batchLimit, nextToken, endings, meters, draftModel);
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
    work += prefill.compute();
    announce();
    work += decode.step();
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
      endings.fail(
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
      rows.retire(rows.of(generation));
    }
  }

  /** Drops all that a channel still has here; no one can hear of it any more. */
  private void abandon(QueuedChannel channel) {
    channels.remove(channel);
    for (int row = scheduler.running().size() - 1; row >= 0; row--) {
      var generation = scheduler.running().get(row);
      if (generation.channel() == channel) {
        endings.abandon(generation);
        rows.retire(row);
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
        rows.retire(row);
        expired++;
      }
    }
    return expired;
  }
}
