package io.millrace.cli.topics;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics up to where they end now, or of that a range of time. For one thread.
 *
 * <p>All events of a prompt carry the timestamp of its record, so a range of time holds prompts
 * with all of their events.
 */
public final class TopicRange implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * How long to wait for records that are said to be there: longer than the transaction of a killed
   * processor stays open, unless its timeout was set to minutes.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Properties properties;
  private final Instant from;
  private final Instant to;

  /**
   * @param properties of a consumer without a group
   * @param from records of this moment and later; empty for all
   * @param to records before this moment; empty for all
   */
  public TopicRange(Properties properties, Optional<Instant> from, Optional<Instant> to) {
    this.properties = properties;
    this.from = from.orElse(Instant.MIN);
    this.to = to.orElse(Instant.MAX);
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Reads all of it, each partition in its order. Waits for transactions that are open now: behind
   * the first record of one, nothing is readable yet.
   *
   * @param progress is told how many records have been read, now and then
   * @throws IllegalStateException if records that are said to be there do not come
   */
  public void read(
      Collection<String> topics,
      Consumer<ConsumerRecord<byte[], byte[]>> sink,
      LongConsumer progress) {
    var partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    consumer.assign(partitions);
    seek(partitions);
    var missing = new HashMap<>(LogEnds.of(properties, partitions));
    long records = 0;
    long lastRead = System.nanoTime();
    while (!missing.isEmpty()) {
      var batch = consumer.poll(POLL);
      for (var record : batch) {
        show(record, sink);
      }
      records += batch.count();
      progress.accept(records);
      // Ends of transactions take offsets too, so the position says more than the last record.
      var done =
          missing.entrySet().stream()
              .filter(end -> consumer.position(end.getKey()) >= end.getValue())
              .map(Map.Entry::getKey)
              .toList();
      done.forEach(missing::remove);
      consumer.pause(done);
      if (!batch.isEmpty() || !done.isEmpty()) {
        lastRead = System.nanoTime();
      } else if (System.nanoTime() - lastRead > PATIENCE.toNanos()) {
        throw new IllegalStateException(
            "no record within %s, and these are not at their ends: %s (is a transaction open?)"
                .formatted(PATIENCE, missing.keySet()));
      }
    }
    consumer.resume(consumer.paused());
  }

  private void seek(List<TopicPartition> partitions) {
    consumer.seekToBeginning(partitions);
    if (from.equals(Instant.MIN)) {
      return;
    }
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, from.toEpochMilli()));
    for (var found : consumer.offsetsForTimes(times).entrySet()) {
      if (found.getValue() == null) {
        consumer.seekToEnd(List.of(found.getKey()));
      } else {
        consumer.seek(found.getKey(), found.getValue().offset());
      }
    }
  }

  private void show(
      ConsumerRecord<byte[], byte[]> record, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    var time = Instant.ofEpochMilli(record.timestamp());
    if (!time.isBefore(from) && time.isBefore(to)) {
      sink.accept(record);
    }
  }

  /** The record at a place, whatever its time; empty if there is none, or not any more. */
  public Optional<ConsumerRecord<byte[], byte[]>> at(Place place) {
    var partition = new TopicPartition(place.topic(), place.partition());
    var here = List.of(partition);
    if (consumer.partitionsFor(place.topic()).size() <= place.partition()) {
      return Optional.empty();
    }
    consumer.assign(here);
    long first = Objects.requireNonNull(consumer.beginningOffsets(here).get(partition));
    long end = Objects.requireNonNull(consumer.endOffsets(here).get(partition));
    if (place.offset() < first || place.offset() >= end) {
      return Optional.empty();
    }
    consumer.seek(partition, place.offset());
    while (consumer.position(partition) <= place.offset()) {
      for (var record : consumer.poll(POLL)) {
        // The next one there is, if the place holds the end of a transaction.
        return record.offset() == place.offset() ? Optional.of(record) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
