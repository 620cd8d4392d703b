package io.millrace.topology.handler;

import io.millrace.events.Stage;
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
 * An event that is too large to be written becomes a dead letter, and the stream goes on. All else
 * fails the task, which starts again from the last commit: to go on would lose an event, or, where
 * it is a record of a store's changelog, the prompt in it.
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
                letters.letter(
                    context,
                    record.key(),
                    null,
                    Stage.PRODUCE,
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
    // The serializers were tried at the start, so this is a registry that was changed since.
    return Response.fail();
  }
}
