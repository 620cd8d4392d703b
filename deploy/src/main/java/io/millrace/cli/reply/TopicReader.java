package io.millrace.cli.reply;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads all partitions of one topic from their ends on, on a thread of its own.
 *
 * <p>It assigns itself the partitions: a consumer group would cost a rebalance, and leave a group
 * behind for each run.
 */
final class TopicReader<V> implements AutoCloseable {

  private static final Duration WAIT = Duration.ofSeconds(1);

  private final KafkaConsumer<String, V> consumer;
  private final ObjLongConsumer<V> sink;
  private final String topic;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private @Nullable Thread thread;
  private volatile boolean stopped;

  /**
   * Finds the partitions' ends.
   *
   * @param sink takes each value and when it was received, on {@link System#nanoTime()}
   */
  TopicReader(
      Properties properties, String topic, Deserializer<V> deserializer, ObjLongConsumer<V> sink) {
    this.topic = topic;
    this.sink = sink;
    consumer = new KafkaConsumer<>(properties, new StringDeserializer(), deserializer);
    try {
      var partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      // Seeking is lazy; asking for the position is not.
      partitions.forEach(consumer::position);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  void start() {
    thread = Thread.ofPlatform().daemon().name("reads-" + topic).start(this::read);
  }

  private void read() {
    try {
      while (!stopped) {
        var records = consumer.poll(WAIT);
        long now = System.nanoTime();
        for (var record : records) {
          if (record.value() != null) {
            sink.accept(record.value(), now);
          }
        }
      }
    } catch (WakeupException e) {
      // stop() was called
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  void throwIfFailed() {
    var cause = failure.get();
    if (cause != null) {
      throw new IllegalStateException("cannot read " + topic + ": " + cause.getMessage(), cause);
    }
  }

  void stop() {
    stopped = true;
    consumer.wakeup();
  }

  @Override
  public void close() {
    stop();
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    consumer.close();
  }
}
