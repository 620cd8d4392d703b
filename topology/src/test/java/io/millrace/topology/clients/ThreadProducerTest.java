package io.millrace.topology.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.topology.load.Flushes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class ThreadProducerTest {

  @Test
  void aRecordThatIsTooLargeIsRefusedBeforeTheProducerSeesIt() {
    List<Exception> refusals = new ArrayList<>();
    // There is no broker: a record that were let through would wait for one.
    Map<String, Object> properties =
        Map.of("bootstrap.servers", "127.0.0.1:1", "max.request.size", "1000");
    try (var producer = new ThreadProducer(properties, new Fence(() -> null))) {
      var result =
          producer.send(
              new ProducerRecord<>("tokens", new byte[10], new byte[900]),
              (metadata, exception) -> refusals.add(exception));
      assertThat(result).isDone();
    }
    assertThat(refusals)
        .singleElement()
        .isInstanceOfSatisfying(
            RecordTooLargeException.class,
            refusal -> assertThat(refusal).hasMessage("1038 bytes for tokens, at most 1000"));
  }

  @Test
  void aFlushCountsIfNothingFailedBeforeIt() {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", "127.0.0.1:1", "max.block.ms", "1");
    try (var producer = new ThreadProducer(properties, new Fence(() -> null))) {
      var flushes = Flushes.ofThisThread();
      long before = flushes.count();
      producer.flush();
      assertThat(flushes.count()).isEqualTo(before + 1);
      // It is not known in time where the topic is.
      var _ = producer.send(new ProducerRecord<>("tokens", new byte[10]), (_, _) -> {});
      producer.flush();
      assertThat(flushes.count()).isEqualTo(before + 1);
      producer.flush();
      assertThat(flushes.count()).isEqualTo(before + 2);
    }
  }

  @Test
  void keyValueAndHeadersCount() {
    var headers = new RecordHeaders();
    headers.add("ten chars!", new byte[5]);
    assertThat(RecordSize.of(new byte[10], new byte[20], headers))
        .isEqualTo(128 + 10 + 20 + 10 + 10 + 5);
    assertThat(RecordSize.of(null, null, new RecordHeaders())).isEqualTo(128);
  }
}
