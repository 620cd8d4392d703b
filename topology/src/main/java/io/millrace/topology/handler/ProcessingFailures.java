package io.millrace.topology.handler;

import io.millrace.events.Stage;
import io.millrace.topology.log.WithoutMessage;
import io.millrace.topology.processor.NodeNames;
import io.millrace.topology.processor.Origin;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record on which decoding breaks (its expected failures are rejections) becomes a dead letter,
 * and the stream goes on. A failure of the store of held records or further on fails the task: its
 * state in memory can no longer be trusted, its state on disk can.
 */
public final class ProcessingFailures implements ProcessingExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessingFailures.class);
  private static final Set<String> DECODERS = Set.of(NodeNames.DECODE, NodeNames.DECODE_CONTROL);

  private DeadLetters letters;

  @Override
  public void configure(Map<String, ?> configuration) {
    letters = DeadLetters.in(configuration);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, @Nullable Record<?, ?> record, Exception exception) {
    // Without a record it is a punctuator that failed. What Kafka Streams throws comes from a
    // store, or from a node further on.
    if (record == null
        || exception instanceof StreamsException
        || !DECODERS.contains(context.processorNodeId())) {
      return Response.fail();
    }
    LOG.error(
        "{}: {} failed on {}-{} offset {}",
        context.taskId(),
        context.processorNodeId(),
        context.topic(),
        context.partition(),
        context.offset(),
        WithoutMessage.of(exception));
    return Response.resume(
        List.of(
            letters.letter(
                new Origin(
                    context.topic(),
                    context.partition(),
                    context.offset(),
                    context.timestamp(),
                    context.sourceRawKey(),
                    context.headers()),
                null,
                context.sourceRawValue(),
                Stage.DECODE,
                "internal_error",
                "decoding failed with " + exception.getClass().getSimpleName())));
  }
}
