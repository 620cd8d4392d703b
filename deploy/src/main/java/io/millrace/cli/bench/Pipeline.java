package io.millrace.cli.bench;

import io.millrace.cli.CommandException;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.reply.PromptSender;
import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Has prompts answered through Kafka, from a producer to a reader of what is committed. */
final class Pipeline implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(100);

  private final Duration patience;
  private final PromptSender sender;
  private final KafkaConsumer<byte[], Completion> completions;

  /**
   * @param patience for a whole turn
   */
  Pipeline(Clients clients, Duration patience) {
    this.patience = patience;
    sender = new PromptSender(clients);
    completions =
        new KafkaConsumer<>(
            clients.committedReader(),
            new ByteArrayDeserializer(),
            clients.serde(Completion.class).deserializer());
    var topic = clients.topics().completionsTopic();
    completions.assign(
        completions.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList());
  }

  Turn run(List<Prompt> prompts, BrokerProcess broker) {
    var begin = Turn.begin(broker);
    prompts.forEach(sender::send);
    long tokens = 0;
    int ended = 0;
    while (ended < prompts.size()) {
      if (begin.elapsed().compareTo(patience) > 0) {
        sender.throwIfFailed();
        throw new CommandException("completions stopped coming");
      }
      for (var record : completions.poll(POLL)) {
        if (record.value().getStatus() != Status.COMPLETED) {
          throw new CommandException("a prompt ended as " + record.value().getStatus());
        }
        tokens += record.value().getCompletionTokens();
        ended++;
      }
    }
    return begin.end(tokens);
  }

  @Override
  public void close() {
    sender.close();
    completions.close();
  }
}
