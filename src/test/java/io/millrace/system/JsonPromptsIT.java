package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With JSON values, any producer that can write text can send prompts; no registry is needed. */
class JsonPromptsIT {

  private static final Duration WITHIN = Duration.ofMinutes(1);

  @TempDir private Path directory;

  @Test
  void answers_the_body_of_an_openai_request() throws Exception {
    var state = directory.resolve("state");
    var json = Map.of("format", Map.of("values", "json"), "schema-registry", Map.of());
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(state, json);
      var topics = configuration.topics();
      try (var processor = neighbours.startProcessor("processor", state, json);
          var tokens = new Log<>(configuration, topics.tokensTopic(), Token.class);
          var completions = new Log<>(configuration, topics.completionsTopic(), Completion.class);
          var usage = new Log<>(configuration, topics.usageTopic(), Usage.class);
          var producer =
              new KafkaProducer<>(
                  Prompts.producerProperties(configuration),
                  new StringSerializer(),
                  new StringSerializer())) {
        var body =
            """
            {"request_id": "j1", "model": "tiny", "max_tokens": 12, "temperature": 0.7, "seed": 5,
             "messages": [{"role": "user", "content": "Where is my order?"}]}
            """;
        var _ = producer.send(new ProducerRecord<>(topics.promptsTopic(), "customer", body));
        producer.flush();

        var completion = completions.await(1, WITHIN).getFirst();
        assertThat(completion.getRequestId()).isEqualTo("j1");
        assertThat(completion.getStatus()).isEqualTo(Status.COMPLETED);
        assertThat(usage.await(1, WITHIN).getFirst().getSampling().getSeed()).isEqualTo(5);
        var texts =
            tokens.await(completion.getCompletionTokens(), WITHIN).stream()
                .sorted(Comparator.comparingInt(Token::getIndex))
                .map(Token::getText)
                .collect(Collectors.joining());
        assertThat(texts).isEqualTo(completion.getText());
        processor.terminate();
      }
    }
  }
}
