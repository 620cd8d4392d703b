package io.millrace.topology.processor;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.events.Prompt;
import io.millrace.events.Stage;
import io.millrace.topology.config.LimitSettings;
import io.millrace.topology.format.ReadFailure;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.prompt.PromptBounds;
import io.millrace.topology.prompt.PromptValidator;
import io.millrace.topology.prompt.Rejection;
import io.millrace.topology.prompt.Verdict;
import io.millrace.topology.state.HeldRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the bytes of a prompt record into a prompt for the engine, or into a rejection.
 *
 * <p>While the Schema Registry does not answer, a record that needs it is neither lost nor a dead
 * letter: it is held in a changelogged store, and so is every record behind it, so that the order
 * stays. The partition is fetched no further, prompts in flight go on, and decoding is tried again
 * with a growing pause.
 */
public final class DecodeProcessor implements Processor<byte[], byte[], byte[], Intake> {

  /** Name of the store of held records. */
  public static final String HELD_STORE = "held";

  private static final Logger LOG = LoggerFactory.getLogger(DecodeProcessor.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final Deserializer<Prompt> format;
  private final PromptValidator validator;
  private final LimitSettings limits;
  private final PromptBounds bounds;
  private final PartitionLoads loads;
  private final String topic;
  private final boolean exactlyOnce;

  private ProcessorContext<byte[], Intake> context;
  private KeyValueStore<Long, HeldRecord> held;
  private TopicPartition partition;
  private Duration pause = FIRST_RETRY;
  private @Nullable Cancellable retry;

  /** Null where a record is decoded and removed in one transaction. */
  private @Nullable PendingRemovals<Long, Long> decoded;

  private @Nullable Cancellable removal;

  /**
   * @param topic the prompts topic
   * @param exactlyOnce whether all that is done with a record is one transaction
   */
  public DecodeProcessor(
      Deserializer<Prompt> format,
      PromptValidator validator,
      LimitSettings limits,
      PartitionLoads loads,
      String topic,
      boolean exactlyOnce) {
    this.format = format;
    this.validator = validator;
    this.limits = limits;
    this.bounds = new PromptBounds(limits);
    this.loads = loads;
    this.topic = topic;
    this.exactlyOnce = exactlyOnce;
  }

  @Override
  public void init(ProcessorContext<byte[], Intake> processorContext) {
    context = processorContext;
    held = processorContext.getStateStore(HELD_STORE);
    partition = new TopicPartition(topic, processorContext.taskId().partition());
    pause = FIRST_RETRY;
    decoded = exactlyOnce ? null : new PendingRemovals<>();
    if (isHolding()) {
      holdOn();
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var origin = Origin.of(record, context.recordMetadata().orElseThrow());
    byte[] value = record.value();
    if (origin.carriedBytes() > limits.keyAndHeaderBytes().bytes()) {
      reject(
          origin.bare(),
          value,
          "headers_too_large",
          origin.carriedBytes()
              + " bytes of key and headers are more than "
              + limits.keyAndHeaderBytes());
    } else if (value == null || value.length == 0) {
      reject(origin, value, "no_value", "the record has no value");
    } else if (value.length > limits.promptBytes().bytes()) {
      reject(
          origin,
          value,
          "prompt_too_large",
          value.length + " bytes are more than " + limits.promptBytes());
    } else if (retry != null) {
      hold(origin, value);
    } else {
      try {
        decode(origin, value);
      } catch (NotReadableNowException exception) {
        LOG.warn("{}: holding records: {}", partition, exception.getMessage());
        LOG.debug("{}: the failure behind it", partition, exception);
        hold(origin, value);
        holdOn();
      }
    }
  }

  /**
   * @throws NotReadableNowException if the bytes may be read later; nothing was forwarded
   */
  private void decode(Origin origin, byte[] value) {
    Prompt prompt;
    try {
      prompt = format.deserialize(origin.topic(), origin.headers(), value);
    } catch (RuntimeException exception) {
      switch (ReadFailure.of(exception)) {
        case ReadFailure.NotNow() -> throw new NotReadableNowException(exception);
        case ReadFailure.Never never -> reject(origin, value, never);
      }
      return;
    }
    if (prompt == null) {
      reject(origin, value, "undecodable", "the value is no prompt");
      return;
    }
    if (prompt.getRequestId() == null || prompt.getRequestId().isEmpty()) {
      // Read again after a crash, the record gets the same id.
      prompt.setRequestId(
          "%s-%d-%d".formatted(origin.topic(), origin.partition(), origin.offset()));
    } else {
      prompt.setRequestId(wellFormed(prompt.getRequestId()));
    }
    forward(
        origin,
        switch (validator.validate(prompt)) {
          case Verdict.Valid valid -> new Intake.Accepted(origin, valid, value);
          case Verdict.Invalid(var rejection) ->
              new Intake.Rejected(origin, rejection, value, bounds.forRejection(prompt));
        });
  }

  /**
   * The id as the store's key and every event will have it: JSON can hold half a surrogate pair,
   * which UTF-8 cannot, and two such ids may be one there.
   */
  private static String wellFormed(String requestId) {
    return new String(requestId.getBytes(UTF_8), UTF_8);
  }

  private void reject(Origin origin, byte @Nullable [] value, String code, String message) {
    reject(origin, value, new ReadFailure.Never(code, message, null));
  }

  private void reject(Origin origin, byte @Nullable [] value, ReadFailure.Never failure) {
    var rejection = new Rejection(Stage.DECODE, failure.code(), failure.message());
    var requestId = failure.requestId();
    var prompt = requestId == null ? null : bounds.named(wellFormed(requestId));
    forward(origin, new Intake.Rejected(origin, rejection, value, prompt));
  }

  private void forward(Origin origin, Intake intake) {
    context.forward(origin.event(intake));
  }

  private void hold(Origin origin, byte[] value) {
    held.put(origin.offset(), new HeldRecord(origin.state(), ByteBuffer.wrap(value)));
  }

  private boolean isHolding() {
    try (var records = held.all()) {
      return records.hasNext();
    }
  }

  private void holdOn() {
    loads.holding(partition, true);
    retry = context.schedule(pause, PunctuationType.WALL_CLOCK_TIME, this::tryAgain);
  }

  private void tryAgain(long nowMillis) {
    cancelRetry();
    boolean done = decodeHeld();
    if (done) {
      LOG.info("{}: held records are decoded", partition);
      pause = FIRST_RETRY;
      loads.holding(partition, false);
    } else {
      var doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LAST_RETRY) < 0 ? doubled : LAST_RETRY;
      holdOn();
    }
  }

  /** Returns false if the registry still does not answer. */
  private boolean decodeHeld() {
    try (var records = held.all()) {
      while (records.hasNext()) {
        var record = records.next();
        if (decoded != null && decoded.contains(record.key)) {
          continue;
        }
        var origin = Origin.of(record.value.getOrigin());
        try {
          decode(origin, Origin.bytes(record.value.getValue()));
        } catch (NotReadableNowException exception) {
          LOG.debug("{}: records are still held", partition, exception);
          return false;
        }
        remove(record.key);
      }
    }
    return true;
  }

  /** Now, or without transactions once what came of it is acknowledged. */
  private void remove(long offset) {
    var pending = decoded;
    if (pending == null) {
      held.delete(offset);
      return;
    }
    pending.add(offset, offset);
    if (removal == null) {
      removal =
          context.schedule(
              FIRST_RETRY, PunctuationType.WALL_CLOCK_TIME, _ -> removeAcknowledged(pending));
    }
  }

  private void removeAcknowledged(PendingRemovals<Long, Long> pending) {
    pending.acknowledged(held::delete);
    if (pending.isEmpty()) {
      cancelRemoval();
    }
  }

  private void cancelRemoval() {
    if (removal != null) {
      removal.cancel();
      removal = null;
    }
  }

  private void cancelRetry() {
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
  }

  /** The schedule of a task that failed outlives it, and its revival makes a retry of its own. */
  @Override
  public void close() {
    cancelRetry();
    cancelRemoval();
  }

  /** The registry stands between the record and its prompt. */
  private static final class NotReadableNowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotReadableNowException(RuntimeException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
