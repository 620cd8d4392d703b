package io.millrace.system;

import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Prompts of a test, and sending them. */
public final class Prompts {

  private Prompts() {}

  /** That many prompts with ids of their own; the model of the tests goes on to the limit. */
  static List<Prompt> numbered(int count, int maxCompletionTokens) {
    GeneratedClasses.trust();
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                Prompt.newBuilder()
                    .setRequestId("r" + i)
                    .setMessages(
                        List.of(
                            Message.newBuilder()
                                .setRole("user")
                                .setContent("Where is order " + i + "?")
                                .build()))
                    .setSampling(
                        Sampling.newBuilder().setMaxCompletionTokens(maxCompletionTokens).build())
                    .build())
        .toList();
  }

  /**
   * Prompts of which many are alike but for their id, and are to be answered alike: {@link
   * #contents} says how. Some draw their tokens, some are of conversations.
   */
  public static List<Prompt> alike(int from, int to) {
    GeneratedClasses.trust();
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                Prompt.newBuilder()
                    .setRequestId("r" + i)
                    .setConversationId(i % 3 == 0 ? "c" + i % 17 : null)
                    .setMessages(
                        List.of(
                            Message.newBuilder()
                                .setRole("user")
                                .setContent("Where is order " + i % 20 + "?")
                                .build()))
                    .setSampling(
                        Sampling.newBuilder()
                            .setMaxCompletionTokens(50 + 15 * (i % 20))
                            .setTemperature(i % 2 == 0 ? 0.0 : 1.0)
                            .setSeed(7L)
                            .build())
                    .build())
        .toList();
  }

  /** What an answer depends on: prompts of which this is equal get the same one. */
  public static String contents(Prompt prompt) {
    return prompt.getMessages() + " " + prompt.getSampling();
  }

  /** Prompts of one conversation have the same key. */
  public static String key(Prompt prompt) {
    return Objects.requireNonNullElse(prompt.getConversationId(), prompt.getRequestId());
  }

  public static void send(MillraceConfiguration configuration, List<Prompt> prompts) {
    var serde =
        configuration
            .format()
            .values()
            .values(Prompt.class, ConfiguredFormat.serdeProperties(configuration));
    try (var producer =
        new KafkaProducer<>(
            producerProperties(configuration), new StringSerializer(), serde.serializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (var prompt : prompts) {
        sent.add(
            producer.send(
                new ProducerRecord<>(configuration.topics().promptsTopic(), key(prompt), prompt)));
      }
      for (var one : sent) {
        one.get();
      }
    } catch (ExecutionException | InterruptedException failed) {
      throw new IllegalStateException("not all prompts were sent", failed);
    }
  }

  static Properties producerProperties(MillraceConfiguration configuration) {
    var properties = new Properties();
    properties.put("bootstrap.servers", configuration.kafka().get("bootstrap.servers"));
    return properties;
  }
}
