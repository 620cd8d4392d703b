package io.millrace.topology.processor;

import io.millrace.batching.MicroBatchPolicy;
import io.millrace.events.Stage;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.load.Doorbell;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.prompt.PromptValidator;
import io.millrace.topology.prompt.Rejection;
import java.time.Duration;
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
 * finds it in the store. So every accepted prompt gets one terminal event. Without transactions it
 * leaves the store when its terminal event is acknowledged, so it gets at least one.
 *
 * <p><b>Rebalances.</b> {@link #init} opens a channel and takes up what the store holds; {@link
 * #close} closes the channel, which ends the engine's work for this task and drops what it has
 * queued. An event of a former owner cannot arrive here. A task that failed is revived with the
 * same processor and the same schedule, so {@link #close} also takes the punctuator off it.
 */
public final class InferenceProcessor implements Processor<byte[], Intake, byte[], SpecificRecord> {

  /** Name of the store of prompts in flight. */
  public static final String INFLIGHT_STORE = "inflight";

  /** Name of the store of checkpoints. */
  public static final String PROGRESS_STORE = "progress";

  private static final Logger LOG = LoggerFactory.getLogger(InferenceProcessor.class);

  /** The finest period of Kafka Streams. */
  private static final Duration DRAIN_PERIOD = Duration.ofMillis(1);

  private final InferenceEngine engine;
  private final MillraceConfiguration configuration;
  private final PromptValidator validator;
  private final CompletionSize completionSize;
  private final PartitionLoads loads;
  private final PromptMeters meters;
  private final LongSupplier nanoClock;

  private ProcessorContext<byte[], SpecificRecord> context;
  private TopicPartition partition;
  private Outlet outlet;
  private PromptLane lane;
  private Flights flights;
  private EngineLink link;
  private Recovery recovery;

  private @Nullable Cancellable punctuator;
  private boolean full;

  /** Whether the last drain took all there was. */
  private boolean drained;

  /**
   * @param nanoClock {@link System#nanoTime()}, the clock of the engine's deadlines
   */
  public InferenceProcessor(
      InferenceEngine engine,
      MillraceConfiguration configuration,
      PromptValidator validator,
      CompletionSize completionSize,
      PartitionLoads loads,
      PromptMeters meters,
      LongSupplier nanoClock) {
    this.engine = engine;
    this.configuration = configuration;
    this.validator = validator;
    this.completionSize = completionSize;
    this.loads = loads;
    this.meters = meters;
    this.nanoClock = nanoClock;
  }

  /** Everything but the configuration is made anew: a task may be revived after a failure. */
  @Override
  public void init(ProcessorContext<byte[], SpecificRecord> processorContext) {
    context = processorContext;
    partition =
        new TopicPartition(configuration.topics().promptsTopic(), context.taskId().partition());
    full = false;
    drained = true;
    outlet = outlet();
    lane = new PromptLane(policy());
    var settings = configuration.inflight();
    var store = new InflightStore(context.getStateStore(INFLIGHT_STORE));
    var progress =
        new ProgressStore(
            context.getStateStore(PROGRESS_STORE),
            settings.checkpointTokens(),
            configuration.maxRecordBytes());
    flights =
        new Flights(
            store, progress, lane, configuration.isExactlyOnce() ? null : new PendingRemovals<>());
    var channel =
        engine.openChannel(
            partition.toString(),
            configuration.engine().eventQueue(),
            Doorbell.ofThisThread()::ring);
    link = new EngineLink(channel, flights, lane, outlet, settings, nanoClock);
    recovery =
        new Recovery(
            store, progress, flights, link, validator, settings, configuration.isExactlyOnce());
    int found = recovery.begin(context.currentSystemTimeMs(), nanoClock.getAsLong());
    if (found > 0) {
      LOG.info("{}: taking up {} prompts in flight", partition, found);
    }
    // Nothing can be forwarded from here, so even a prompt that has failed waits for the first
    // drain.
    settle();
  }

  private Outlet outlet() {
    var composer =
        new EventComposer(
            engine.model(),
            configuration.prices(),
            configuration.limits().errorValueBytes().bytes());
    return new Outlet(context, composer, completionSize, meters);
  }

  private MicroBatchPolicy policy() {
    var batching = configuration.batching();
    return new MicroBatchPolicy(
        batching.maxPrompts(),
        batching.maxPromptTokens(),
        batching.maxWait().toNanos(),
        batching.deadlineSlack().toNanos());
  }

  @Override
  public void process(Record<byte[], Intake> record) {
    flights.removeAcknowledged();
    drained = link.drain();
    recovery.proceed();
    switch (record.value()) {
      case Intake.Accepted accepted -> accept(accepted);
      case Intake.Rejected rejected -> reject(rejected);
      case Intake.Cancel(var requestId) -> cancel(requestId);
    }
    link.advance();
    settle();
  }

  private void accept(Intake.Accepted accepted) {
    var prompt = accepted.prompt().prompt();
    var origin = accepted.origin();
    var first = flights.find(prompt.getRequestId());
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
    boolean handedOnSoon = flights.isWayFree(prompt.getConversationId());
    flights.accept(Flight.accepted(accepted.prompt(), origin, times, handedOnSoon), nowNanos);
  }

  private void reject(Intake.Rejected rejected) {
    var prompt = rejected.prompt();
    // The id may be that of another prompt, which is in flight and will have its own end.
    boolean ended = prompt != null && flights.find(prompt.getRequestId()) == null;
    outlet.reject(rejected, ended);
  }

  private void cancel(String requestId) {
    var flight = flights.find(requestId);
    if (flight == null) {
      LOG.debug("{}: {} is not in flight, nothing to cancel", partition, requestId);
    } else {
      link.cancel(flight);
    }
  }

  private void punctuate(long nowMillis) {
    flights.removeAcknowledged();
    drained = link.drain();
    recovery.proceed();
    link.advance();
    settle();
  }

  /** Tells the consumer how loaded the partition is, and keeps the punctuator only while needed. */
  private void settle() {
    int inFlight = flights.size();
    var marks = configuration.inflight();
    full = inFlight >= marks.maxPerPartition() || (full && inFlight > marks.resumeAt());
    loads.inFlight(partition, inFlight, lane.isCollecting() || !drained, full);
    boolean isIdle = flights.isEmpty();
    if (!isIdle && punctuator == null) {
      punctuator = context.schedule(DRAIN_PERIOD, PunctuationType.WALL_CLOCK_TIME, this::punctuate);
    } else if (isIdle) {
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
    link.close();
    loads.remove(partition);
  }
}
