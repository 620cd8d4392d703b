package io.millrace.topology.handler;

import io.millrace.events.Stage;
import io.millrace.topology.format.ReadFailure;
import io.millrace.topology.log.WithoutMessage;
import io.millrace.topology.processor.ForwardedEvent;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event that is too large to be written, or that cannot be put into bytes, becomes a dead letter
 * about the prompt it belongs to, and the stream goes on. All else fails the task, which starts
 * again from the last commit: to go on would lose an event, or, where it is a record of a store's
 * changelog, the prompt in it.
 */
public final class ProductionFailures implements ProductionExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ProductionFailures.class);

  /** How Kafka Streams names the topics of its stores. */
  private static final String CHANGELOG = "-changelog";

  private DeadLetters letters;

  @Override
  public void configure(Map<String, ?> configuration) {
    letters = DeadLetters.in(configuration);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (exception instanceof RetriableException) {
      return Response.retry();
    }
    if (!(exception instanceof RecordTooLargeException) || record.topic().endsWith(CHANGELOG)) {
      return Response.fail();
    }
    LOG.error("{}: a record of {} is too large and is left out", context.taskId(), record.topic());
    // A dead letter that is too large itself has nowhere to go.
    return letters.isOwn(record.topic())
        ? Response.resume()
        : Response.resume(
            List.of(
                letter(
                    record,
                    "record_too_large",
                    "an event for " + record.topic() + " is too large to be written")));
  }

  @Override
  @SuppressWarnings("rawtypes") // the interface is
  public Response handleSerializationError(
      ErrorHandlerContext context,
      ProducerRecord record,
      Exception exception,
      SerializationExceptionOrigin origin) {
    // The serializers were tried at the start, so a refusal of the registry means that it was
    // changed since, and no later event could be written either. No dead letter, too, if it is one
    // that cannot be put into bytes.
    if (!isOfTheEvent(exception) || letters.isOwn(record.topic())) {
      return Response.fail();
    }
    LOG.error(
        "{}: an event for {} cannot be put into bytes and is left out",
        context.taskId(),
        record.topic(),
        WithoutMessage.of(exception));
    return Response.resume(
        List.of(
            letter(
                record,
                "unserializable",
                "an event for "
                    + record.topic()
                    + " cannot be put into bytes: "
                    + exception.getClass().getSimpleName())));
  }

  private static boolean isOfTheEvent(Exception exception) {
    return exception instanceof RuntimeException runtime
        && ReadFailure.of(runtime) instanceof ReadFailure.Never;
  }

  private ProducerRecord<byte[], byte[]> letter(
      ProducerRecord<?, ?> record, String code, String message) {
    return ForwardedEvent.current()
        .map(
            event ->
                letters.letter(
                    event.origin(), event.requestId(), null, Stage.PRODUCE, code, message))
        .orElseGet(() -> letters.letter(record, Stage.PRODUCE, code, message));
  }
}
