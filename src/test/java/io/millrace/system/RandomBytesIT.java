package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is no prompt comes back as an error event with its bytes, and stops nothing. */
class RandomBytesIT {

  private static final int RECORDS = 10_000;
  private static final int LONGEST = 200;
  private static final long SEED = 20261122;
  private static final Duration WITHIN = Duration.ofMinutes(3);

  private static final String[] CODES = {"undecodable", "no_value"};

  @TempDir private Path directory;

  @Test
  void ten_thousand_random_byte_strings_make_as_many_error_events() throws Exception {
    var state = directory.resolve("state");
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(state, Map.of());
      var topics = configuration.topics();
      try (var processor = neighbours.startProcessor("processor", state, Map.of());
          var errors = new Log<>(configuration, topics.errorsTopic(), ErrorEvent.class);
          var completions = new Log<>(configuration, topics.completionsTopic(), Completion.class);
          var producer =
              new KafkaProducer<>(
                  Prompts.producerProperties(configuration),
                  new ByteArraySerializer(),
                  new ByteArraySerializer())) {
        var sent = randomBytes();
        for (var bytes : sent) {
          var _ = producer.send(new ProducerRecord<>(topics.promptsTopic(), bytes));
        }
        producer.flush();
        errors.await(RECORDS, WITHIN);

        Prompts.send(configuration, Prompts.numbered(1, 5));
        assertThat(completions.await(1, WITHIN))
            .extracting(Completion::getStatus)
            .containsExactly(Status.COMPLETED);
        assertThat(errors.toEnd())
            .extracting(ErrorEvent::getOriginalValue)
            .containsExactlyInAnyOrderElementsOf(sent.stream().map(ByteBuffer::wrap).toList());

        sendOneAgain();
        assertThat(errors.await(RECORDS + 1, WITHIN).getLast().getCode()).isIn((Object[]) CODES);
        processor.terminate();
        assertThat(errors.toEnd()).hasSize(RECORDS + 1);
      }
    }
  }

  /** As an operator does. */
  private void sendOneAgain() throws Exception {
    var config = directory.resolve("processor.yaml").toString();
    var letters = errors("list", "--config", config, "--last", "2", "--json").lines().toList();
    assertThat(letters).hasSize(2);
    var place = new ObjectMapper().readTree(letters.getFirst()).get("place").asText();
    assertThat(errors("show", "--config", config, place)).containsAnyOf(CODES);
    assertThat(errors("retry", "--config", config, place)).contains("1 would be sent");
    assertThat(errors("retry", "--config", config, place, "--yes")).contains("1 sent, 0 left out");
  }

  /** Returns what it prints. */
  private String errors(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("errors"));
    all.addAll(List.of(arguments));
    try (var command = MillraceJvm.start(directory, "errors", all.toArray(String[]::new))) {
      assertThat(command.exitCode(WITHIN)).as(command.errors()).isZero();
      return command.output();
    }
  }

  private static List<byte[]> randomBytes() {
    var random = new Random(SEED);
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      var bytes = new byte[random.nextInt(LONGEST + 1)];
      random.nextBytes(bytes);
      all.add(bytes);
    }
    return all;
  }
}
