package io.millrace.cli.reply;

import io.millrace.cli.CommandException;
import io.millrace.events.Prompt;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends prompts the way any producer does: the key decides the partition, the value is a prompt.
 */
public final class PromptSender implements AutoCloseable {

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final KafkaProducer<String, Prompt> producer;
  private final String topic;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  public PromptSender(Clients clients) {
    Properties properties = clients.producerProperties();
    topic = clients.topics().promptsTopic();
    producer =
        new KafkaProducer<>(
            properties, new StringSerializer(), clients.serde(Prompt.class).serializer());
  }

  /**
   * Sends a prompt, keyed by its conversation if it is part of one, else by its request id. Returns
   * before the broker has it; {@link #throwIfFailed()} tells whether that went wrong.
   */
  public void send(Prompt prompt) {
    var conversation = prompt.getConversationId();
    var key = conversation == null ? prompt.getRequestId() : conversation;
    var _ =
        producer.send(
            new ProducerRecord<>(topic, key, prompt),
            (sent, failed) -> {
              if (failed != null) {
                failure.compareAndSet(null, failed);
              }
            });
  }

  /**
   * @throws CommandException if a prompt that was sent did not reach the broker
   */
  public void throwIfFailed() {
    var failed = failure.get();
    if (failed != null) {
      throw new CommandException("cannot send to " + topic + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE_WITHIN);
  }
}
