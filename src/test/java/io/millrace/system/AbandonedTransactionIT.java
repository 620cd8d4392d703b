package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a killed processor has left open is aborted by the next one, and nothing else is. */
class AbandonedTransactionIT {

  /** What the broker would wait before it aborts one: longer than the test. */
  private static final int FOR_EVER = 900_000;

  private static final Duration WITHIN = Duration.ofMinutes(1);

  @TempDir private Path directory;

  @Test
  void a_transaction_without_a_process_is_aborted() throws Exception {
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(directory, Map.of());
      // Makes the topics.
      neighbours.startProcessor("first", directory.resolve("a"), Map.of()).terminate();
      var ofLostProcess = configuration.applicationId() + "-" + UUID.randomUUID() + "-1";
      var ofAnother = "another-" + UUID.randomUUID() + "-1";
      try (var _ = begin(configuration, ofLostProcess);
          var _ = begin(configuration, ofAnother);
          var second = neighbours.startProcessor("second", directory.resolve("b"), Map.of())) {
        Eventually.await(
            WITHIN,
            () -> state(configuration, ofLostProcess) != TransactionState.ONGOING,
            second::errors);
        assertThat(state(configuration, ofAnother)).isEqualTo(TransactionState.ONGOING);
        second.terminate();
      }
    }
  }

  /** Begins a transaction and writes a record in it. */
  private static KafkaProducer<byte[], byte[]> begin(
      MillraceConfiguration configuration, String transactionalId) throws Exception {
    var properties = Prompts.producerProperties(configuration);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, FOR_EVER);
    var producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(configuration.topics().usageTopic(), new byte[0])).get();
    return producer;
  }

  private static TransactionState state(MillraceConfiguration configuration, String name) {
    try (var admin = Admin.create(Prompts.producerProperties(configuration))) {
      return admin.describeTransactions(List.of(name)).description(name).get().state();
    } catch (ExecutionException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
