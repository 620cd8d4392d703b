package io.millrace.topology.clients;

import io.millrace.topology.load.Flushes;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The producer of a stream thread, which refuses a record that is too large before its transaction
 * learns of it, fences every transaction, and counts its flushes.
 *
 * <p>Kafka's own check of the size runs inside the transaction and makes it abort: whatever the
 * production exception handler answers, the task starts again, meets the record again, and never
 * gets past it.
 */
final class ThreadProducer extends KafkaProducer<byte[], byte[]> {

  /** Kafka's own default. */
  private static final int DEFAULT_MAX_BYTES = 1 << 20;

  private final Fence fence;
  private final int maxBytes;

  /** Whether a record was not written since the last flush. */
  private final AtomicBoolean failed = new AtomicBoolean();

  ThreadProducer(Map<String, Object> properties, Fence fence) {
    super(properties, new ByteArraySerializer(), new ByteArraySerializer());
    this.fence = fence;
    maxBytes =
        Integer.parseInt(
            properties
                .getOrDefault(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_BYTES)
                .toString()
                .strip());
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    long bytes = RecordSize.of(record.key(), record.value(), record.headers());
    if (bytes <= maxBytes) {
      return super.send(record, noting(callback));
    }
    var refusal =
        new RecordTooLargeException(
            "%d bytes for %s, at most %d".formatted(bytes, record.topic(), maxBytes));
    int partition = record.partition() == null ? -1 : record.partition();
    callback.onCompletion(
        new RecordMetadata(new TopicPartition(record.topic(), partition), -1, -1, -1, -1, -1),
        refusal);
    return CompletableFuture.failedFuture(refusal);
  }

  private Callback noting(Callback callback) {
    return (metadata, exception) -> {
      if (exception != null) {
        failed.set(true);
      }
      callback.onCompletion(metadata, exception);
    };
  }

  /** As {@link KafkaProducer#flush()}; the thread's {@link Flushes} count it if nothing failed. */
  @Override
  public void flush() {
    super.flush();
    if (!failed.getAndSet(false)) {
      Flushes.ofThisThread().flushed();
    }
  }

  @Override
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    super.sendOffsetsToTransaction(fence.offsets(offsets), group);
  }
}
