package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is done to valid prompts, each record gets its answer or its error event, once, and none
 * stops the stream or meets a defect.
 *
 * <p>{@code -Dmillrace.fuzz.inputs=1000000} makes many, half of them in each format; {@code
 * -Dmillrace.fuzz.seed} makes the same ones again, {@code
 * -Djunit.jupiter.execution.timeout.default} has to give the time.
 */
class FuzzIT {

  private static final int INPUTS = Integer.getInteger("millrace.fuzz.inputs", 12_000) / 2;
  private static final long SEED = Long.getLong("millrace.fuzz.seed", 20261127);
  private static final int PARTITIONS = 3;
  private static final int TELL_EVERY = 50_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int RECORD_BYTES = FuzzInputs.LARGEST_BYTES + (1 << 20);

  /** Those of defects. */
  private static final List<String> DEFECTS =
      List.of("internal_error", "unserializable", "record_too_large", "engine_failure");

  private static final Map<String, ?> FEW_TOKENS = Map.of("threads", 1, "capacity", 128);

  @TempDir private Path directory;

  private final BitSet completed = new BitSet();
  private final BitSet ended = new BitSet();
  private final BitSet failed = new BitSet();
  private final AtomicReference<@Nullable String> misplaced = new AtomicReference<>();
  private final Map<String, Integer> kinds = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(strings = {"avro", "json"})
  void each_is_answered_or_refused_once(String format) throws Exception {
    System.out.printf("%d inputs in %s, seed %d%n", INPUTS, format, SEED);
    Map<String, ?> settings = Map.of("format", Map.of("values", format), "engine", FEW_TOKENS);
    var state = directory.resolve("state");
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(state, settings);
      createLargeTopic(configuration);
      try (var processor = neighbours.startProcessor("processor", state, settings)) {
        long begin = System.nanoTime();
        run(configuration, processor);
        System.out.printf("%s in %d s%n", kinds, (System.nanoTime() - begin) / 1_000_000_000);
        assertThat(kinds.keySet()).doesNotContainAnyElementsOf(DEFECTS);
        assertThat(processor.errors()).doesNotContain("OutOfMemoryError", "StackOverflowError");
        assertThat(processor.terminate()).isZero();
      }
    }
  }

  private void createLargeTopic(MillraceConfiguration configuration) throws Exception {
    try (var admin = Admin.create(Prompts.producerProperties(configuration))) {
      var topic =
          new NewTopic(
              configuration.topics().promptsTopic(), Optional.of(PARTITIONS), Optional.empty());
      topic.configs(Map.of("max.message.bytes", Integer.toString(RECORD_BYTES)));
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  private void run(MillraceConfiguration configuration, MillraceJvm processor) {
    var topics = configuration.topics();
    var properties = Prompts.producerProperties(configuration);
    properties.put("max.request.size", RECORD_BYTES);
    properties.put("linger.ms", 5);
    var serde =
        configuration
            .format()
            .values()
            .values(Prompt.class, ConfiguredFormat.serdeProperties(configuration));
    var inputs =
        new FuzzInputs(
            configuration.format().values(), topics.promptsTopic(), serde.serializer(), SEED);
    try (var producer =
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        var errors = new Tail<>(configuration, topics.errorsTopic(), ErrorEvent.class);
        var completions = new Tail<>(configuration, topics.completionsTopic(), Completion.class)) {
      int sent = 0;
      long quietSince = System.nanoTime();
      while (ended.cardinality() < INPUTS) {
        for (int i = 0; i < 2_000 && sent < INPUTS; i++, sent++) {
          send(producer, inputs.at(sent, sent % PARTITIONS), sent);
        }
        int read = errors.read(this::erred) + completions.read(this::answered);
        if (read > 0) {
          quietSince = System.nanoTime();
        } else if (System.nanoTime() - quietSince > PATIENCE.toNanos()) {
          throw new AssertionError(
              "%d of %d ended, not number %d; the processor wrote: %s"
                  .formatted(
                      ended.cardinality(), INPUTS, ended.nextClearBit(0), processor.errors()));
        }
      }
      // What comes now has come twice.
      for (int quiet = 0; quiet < 5; quiet++) {
        errors.read(this::erred);
        completions.read(this::answered);
      }
    }
    assertThat(misplaced.get()).isNull();
    assertThat(failed.intersects(completed)).as("completed and a dead letter").isFalse();
  }

  /** The partitions are filled in turns, so that a record's place tells its number. */
  private void send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> input, int number) {
    var _ =
        producer.send(
            input,
            (metadata, failure) -> {
              if (failure != null || metadata.offset() != number / PARTITIONS) {
                misplaced.set(number + " is not at its place: " + failure);
              }
            });
  }

  private void erred(ConsumerRecord<byte[], ErrorEvent> record) {
    var error = record.value();
    int number = Math.toIntExact(error.getOffset() * PARTITIONS + error.getPartition());
    assertThat(failed.get(number)).as("second dead letter of %d", number).isFalse();
    failed.set(number);
    count(error.getCode(), number);
  }

  private void answered(ConsumerRecord<byte[], Completion> record) {
    var header = record.headers().lastHeader(FuzzInputs.NUMBER);
    var status = record.value().getStatus();
    if (header == null) {
      // One whose headers are too large to be repeated: its dead letter tells its place.
      assertThat(status).isEqualTo(Status.REJECTED);
      return;
    }
    int number = ByteBuffer.wrap(header.value()).getInt();
    if (status == Status.REJECTED || status == Status.FAILED) {
      kinds.merge(status.toString(), 1, Integer::sum);
      return;
    }
    assertThat(completed.get(number)).as("second end of %d", number).isFalse();
    completed.set(number);
    count(status.toString(), number);
  }

  private void count(String kind, int number) {
    if (kinds.merge(kind, 1, Integer::sum) == 1) {
      System.out.printf("first %s: number %d%n", kind, number);
    }
    ended.set(number);
    if (ended.cardinality() % TELL_EVERY == 0) {
      System.out.printf("%d ended%n", ended.cardinality());
    }
  }
}
