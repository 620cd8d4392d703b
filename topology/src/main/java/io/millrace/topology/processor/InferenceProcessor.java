package io.millrace.topology.processor;

import io.millrace.batching.Batchable;
import io.millrace.batching.MicroBatchPolicy;
import io.millrace.events.Stage;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.load.Doorbell;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.log.WithoutMessage;
import io.millrace.topology.processor.EventComposer.Outcome;
import io.millrace.topology.prompt.PromptValidator;
import io.millrace.topology.prompt.Rejection;
import io.millrace.topology.prompt.Verdict;
import io.millrace.topology.state.InFlight;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a partition's prompts through the engine and forwards what comes back.
 *
 * <p><b>Threads.</b> All of it runs on the stream thread. The engine works on a thread of its own
 * and reaches this class only through the channel's queue, which is emptied at the start of {@link
 * #process} and in a punctuator. Nothing here blocks.
 *
 * <p><b>Atomicity.</b> A prompt enters the in-flight store in the transaction that consumes its
 * record, and leaves it in the one that writes its completion and usage. A crash between the two
 * finds it in the store. So every accepted prompt gets one terminal event.
 *
 * <p><b>Rebalances.</b> {@link #init} opens a channel and takes up what the store holds; {@link
 * #close} closes the channel, which ends the engine's work for this task and drops what it has
 * queued. An event of a former owner cannot arrive here. A task that failed is revived with the
 * same processor and the same schedule, so {@link #close} also takes the punctuator off it.
 */
public final class InferenceProcessor implements Processor<byte[], Intake, byte[], SpecificRecord> {

  /** Name of the in-flight store. */
  public static final String INFLIGHT_STORE = "inflight";

  private static final Logger LOG = LoggerFactory.getLogger(InferenceProcessor.class);

  /** The finest period of Kafka Streams. */
  private static final Duration DRAIN_PERIOD = Duration.ofMillis(1);

  private final InferenceEngine engine;
  private final MillraceConfiguration configuration;
  private final PromptValidator validator;
  private final CompletionSize completionSize;
  private final PartitionLoads loads;
  private final LongSupplier nanoClock;

  private ProcessorContext<byte[], SpecificRecord> context;
  private Outlet outlet;
  private InflightStore store;
  private EngineChannel channel;
  private TopicPartition partition;
  private PromptLane lane;
  private ConversationOrder conversations;

  /** Every prompt in the store. */
  private final Map<String, Flight> flights = new LinkedHashMap<>();

  /** Those of them that {@link #init} found and that are not in the lane yet. */
  private final Deque<Flight> recovered = new ArrayDeque<>();

  private @Nullable Cancellable punctuator;
  private boolean full;

  /** Whether the last drain took all there was. */
  private boolean drained;

  /** No prompt that waits has an earlier one. */
  private long nearestDeadlineNanos;

  /**
   * @param nanoClock {@link System#nanoTime()}, the clock of the engine's deadlines
   */
  public InferenceProcessor(
      InferenceEngine engine,
      MillraceConfiguration configuration,
      PromptValidator validator,
      CompletionSize completionSize,
      PartitionLoads loads,
      LongSupplier nanoClock) {
    this.engine = engine;
    this.configuration = configuration;
    this.validator = validator;
    this.completionSize = completionSize;
    this.loads = loads;
    this.nanoClock = nanoClock;
  }

  @Override
  public void init(ProcessorContext<byte[], SpecificRecord> processorContext) {
    context = processorContext;
    outlet =
        new Outlet(
            context,
            new EventComposer(
                engine.model(),
                configuration.prices(),
                configuration.limits().errorValueBytes().bytes()),
            completionSize);
    store = new InflightStore(context.getStateStore(INFLIGHT_STORE));
    partition =
        new TopicPartition(configuration.topics().promptsTopic(), context.taskId().partition());
    lane = new PromptLane(policy());
    conversations = new ConversationOrder();
    channel =
        engine.openChannel(
            partition.toString(),
            configuration.engine().eventQueue(),
            Doorbell.ofThisThread()::ring);
    // A task may be revived after a failure without a new processor.
    flights.clear();
    recovered.clear();
    full = false;
    drained = true;
    nearestDeadlineNanos = Batchable.NO_DEADLINE;
    recover();
    // Nothing can be forwarded from here, so even a prompt that has failed waits for the first
    // drain.
    settle();
  }

  private MicroBatchPolicy policy() {
    var batching = configuration.batching();
    return new MicroBatchPolicy(
        batching.maxPrompts(),
        batching.maxPromptTokens(),
        batching.maxWait().toNanos(),
        batching.deadlineSlack().toNanos());
  }

  private void recover() {
    for (var entry : store.inOrder()) {
      var flight = recovered(entry);
      add(flight);
      recovered.add(flight);
    }
    if (!recovered.isEmpty()) {
      LOG.info("{}: taking up {} prompts in flight", partition, recovered.size());
    }
  }

  private Flight recovered(InFlight entry) {
    var prompt = InflightStore.prompt(entry);
    var times =
        Flight.Times.of(
            prompt, entry.getAcceptedAt(), context.currentSystemTimeMs(), nanoClock.getAsLong());
    return Flight.recovered(prompt, Origin.of(entry.getOrigin()), times, entry.getAttempt());
  }

  @Override
  public void process(Record<byte[], Intake> record) {
    drain();
    resumeRecovered();
    switch (record.value()) {
      case Intake.Accepted accepted -> accept(accepted);
      case Intake.Rejected rejected -> {
        var prompt = rejected.prompt();
        // The id may be that of another prompt, which is in flight and will have its own end.
        boolean ended = prompt != null && !flights.containsKey(prompt.getRequestId());
        outlet.reject(rejected, ended);
      }
      case Intake.Cancel(var requestId) -> cancel(requestId);
    }
    advance();
    settle();
  }

  private void accept(Intake.Accepted accepted) {
    var prompt = accepted.prompt().prompt();
    var origin = accepted.origin();
    var first = flights.get(prompt.getRequestId());
    if (first != null) {
      // Under at_least_once a record may be read again whose prompt is in the store already.
      if (!first.origin().isSamePlace(origin)) {
        var reason =
            new Rejection(
                Stage.ADMIT, "duplicate_request", "a prompt with this request_id is in flight");
        outlet.error(origin, prompt.getRequestId(), reason, accepted.value());
      }
      return;
    }
    long nowNanos = nanoClock.getAsLong();
    long nowMillis = context.currentSystemTimeMs();
    var times = Flight.Times.of(prompt, nowMillis, nowMillis, nowNanos);
    boolean wayIsFree = !lane.isBackedUp() && !conversations.isTaken(prompt.getConversationId());
    var flight = Flight.accepted(accepted.prompt(), origin, times, wayIsFree);
    add(flight);
    store.put(flight);
    if (conversations.begin(flight)) {
      lane.collect(flight, nowNanos);
    }
  }

  private void add(Flight flight) {
    flights.put(flight.requestId(), flight);
    nearestDeadlineNanos = Math.min(nearestDeadlineNanos, flight.deadlineNanos());
  }

  private void cancel(String requestId) {
    var flight = flights.get(requestId);
    if (flight == null) {
      LOG.debug("{}: {} is not in flight, nothing to cancel", partition, requestId);
    } else if (flight.isSubmitted()) {
      channel.cancel(requestId);
    } else {
      withdraw(flight, Outcome.cancelled());
    }
  }

  /** Ends a prompt that the engine does not have, wherever it waits. */
  private void withdraw(Flight flight, Outcome outcome) {
    lane.remove(flight.requestId());
    endUnsubmitted(flight, outcome);
  }

  private void punctuate(long nowMillis) {
    drain();
    resumeRecovered();
    advance();
    settle();
  }

  /** Forwards what the engine has for this task, within the configured budget. */
  private void drain() {
    drained = false;
    long endNanos = nanoClock.getAsLong() + configuration.inflight().drainTime().toNanos();
    for (int i = 0; i < configuration.inflight().drainEvents(); i++) {
      var event = channel.poll();
      if (event == null) {
        drained = true;
        return;
      }
      emit(event);
      if (nanoClock.getAsLong() - endNanos >= 0) {
        return;
      }
    }
  }

  private void emit(EngineEvent event) {
    var flight = flights.get(event.requestId());
    if (flight == null || flight.attempts() != event.attempt()) {
      LOG.warn(
          "{}: {} is not in flight, yet the engine sent {}",
          partition,
          event.requestId(),
          event.getClass());
      return;
    }
    switch (event) {
      case EngineEvent.Token token -> {
        flight.append(token.text());
        outlet.token(flight, token);
      }
      case EngineEvent.Completed completed ->
          end(flight, Outcome.completed(completed.reason()), completed.usage());
      case EngineEvent.Expired expired -> end(flight, Outcome.expired(), expired.usage());
      case EngineEvent.Cancelled cancelled -> end(flight, Outcome.cancelled(), cancelled.usage());
      case EngineEvent.Failed failed ->
          end(flight, Outcome.failed(failed.code(), failed.message()), failed.usage());
    }
  }

  private void end(Flight flight, Outcome outcome, GenerationUsage usage) {
    outlet.end(flight, outcome, usage, nanoClock.getAsLong());
    store.delete(flight);
    flights.remove(flight.requestId());
    conversations.end(flight).ifPresent(lane::addDue);
  }

  private void endUnsubmitted(Flight flight, Outcome outcome) {
    end(flight, outcome, GenerationUsage.unstarted(0));
  }

  /** Moves prompts towards the engine. */
  private void advance() {
    long nowNanos = nanoClock.getAsLong();
    expire(nowNanos);
    lane.release(nowNanos);
    lane.handOn(flight -> submit(flight, nowNanos));
  }

  /** Ends what waits and is past its deadline; looks only when the nearest one has passed. */
  private void expire(long nowNanos) {
    if (nowNanos < nearestDeadlineNanos) {
      return;
    }
    nearestDeadlineNanos = Batchable.NO_DEADLINE;
    for (var flight : List.copyOf(flights.values())) {
      if (flight.isSubmitted()) {
        continue;
      }
      if (flight.deadlineNanos() <= nowNanos) {
        withdraw(flight, Outcome.expired());
      } else {
        nearestDeadlineNanos = Math.min(nearestDeadlineNanos, flight.deadlineNanos());
      }
    }
  }

  /** Puts what was recovered back into the lane, before any prompt that came after it. */
  private void resumeRecovered() {
    while (!recovered.isEmpty()) {
      resume(recovered.removeFirst());
    }
  }

  private void resume(Flight flight) {
    if (flight.attempts() >= configuration.inflight().maxAttempts()) {
      endUnsubmitted(
          flight,
          Outcome.failed(
              "attempts_exhausted", "begun " + flight.attempts() + " times without an end"));
      return;
    }
    switch (validator.validate(flight.prompt())) {
      case Verdict.Valid valid -> {
        flight.encoded(valid);
        if (conversations.begin(flight)) {
          lane.addDue(flight);
        }
      }
      case Verdict.Invalid(var rejection) ->
          // It was valid when it was accepted: the model or the limits are not what they were.
          endUnsubmitted(flight, Outcome.failed(rejection.code(), rejection.message()));
    }
  }

  /** Returns false if the engine has no room. */
  private boolean submit(Flight flight, long nowNanos) {
    try {
      return switch (channel.submit(flight.nextRequest())) {
        case BUSY -> false;
        case ACCEPTED -> {
          if (flight.submitted(nowNanos)) {
            store.put(flight);
          }
          yield true;
        }
      };
    } catch (IllegalArgumentException exception) {
      LOG.warn(
          "{}: the engine refuses {}", partition, flight.requestId(), WithoutMessage.of(exception));
      endUnsubmitted(
          flight, Outcome.failed("engine_refused", "the engine cannot take this prompt"));
      return true;
    }
  }

  /** Tells the consumer how loaded the partition is, and keeps the punctuator only while needed. */
  private void settle() {
    int inFlight = flights.size();
    var marks = configuration.inflight();
    full = inFlight >= marks.maxPerPartition() || (full && inFlight > marks.resumeAt());
    loads.inFlight(partition, inFlight, lane.isCollecting() || !drained, full);
    if (inFlight > 0 && punctuator == null) {
      punctuator = context.schedule(DRAIN_PERIOD, PunctuationType.WALL_CLOCK_TIME, this::punctuate);
    } else if (inFlight == 0) {
      // Each punctuation asks for a commit, and under exactly_once that is a transaction.
      cancelPunctuator();
    }
  }

  private void cancelPunctuator() {
    if (punctuator != null) {
      punctuator.cancel();
      punctuator = null;
    }
  }

  @Override
  public void close() {
    cancelPunctuator();
    channel.close();
    loads.remove(partition);
  }
}
