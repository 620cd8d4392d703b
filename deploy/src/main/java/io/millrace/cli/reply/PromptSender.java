package io.millrace.cli.reply;

import io.millrace.events.Prompt;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends prompts the way any producer does: the key decides the partition, the value is a prompt.
 */
public final class PromptSender implements AutoCloseable {

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final KafkaProducer<String, Prompt> producer;
  private final String topic;

  public PromptSender(Clients clients) {
    Properties properties = clients.producerProperties();
    topic = clients.topics().promptsTopic();
    producer =
        new KafkaProducer<>(
            properties, new StringSerializer(), clients.serde(Prompt.class).serializer());
  }

  /**
   * Sends a prompt, keyed by its conversation if it is part of one, else by its request id.
   *
   * @return when the broker has it
   */
  public Future<RecordMetadata> send(Prompt prompt) {
    var conversation = prompt.getConversationId();
    var key = conversation == null ? prompt.getRequestId() : conversation;
    return producer.send(new ProducerRecord<>(topic, key, prompt));
  }

  @Override
  public void close() {
    producer.close(CLOSE_WITHIN);
  }
}
