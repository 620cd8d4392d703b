package io.millrace.cli.verify;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * Reads a processor's topics up to where they end now, and shows each record to a checker.
 *
 * <p>All events of a prompt carry the timestamp of its record, so a range of time holds prompts
 * with all of their events. For one thread.
 */
public final class TopicScan implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(500);

  /** How long to wait for records that are said to be there. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final MillraceConfiguration configuration;
  private final Consumer<byte[], byte[]> consumer;
  private final ConfiguredFormat format;
  private final List<Serde<?>> serdes = new ArrayList<>();
  private final Map<String, Show> shows = new HashMap<>();
  private final Instant from;
  private final Instant to;

  /** How a topic's records are shown. */
  private interface Show {
    void show(ConsumerRecord<byte[], byte[]> record);
  }

  /**
   * Connects.
   *
   * @param properties of a consumer that reads committed and commits nothing
   * @param from records of this moment and later; empty for all
   * @param to records before this moment; empty for all
   */
  public TopicScan(
      MillraceConfiguration configuration,
      Properties properties,
      Optional<Instant> from,
      Optional<Instant> to) {
    this.configuration = configuration;
    this.from = from.orElse(Instant.MIN);
    this.to = to.orElse(Instant.MAX);
    this.format = new ConfiguredFormat(configuration);
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Reads all of it.
   *
   * @param progress is told how many records have been read, now and then
   * @throws IllegalStateException if records that are said to be there do not come
   */
  public void read(InvariantChecker checker, LongConsumer progress) {
    showTo(checker);
    var partitions =
        shows.keySet().stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    var ends = new HashMap<>(consumer.endOffsets(partitions));
    consumer.assign(partitions);
    seek(partitions);
    long records = 0;
    long lastRead = System.nanoTime();
    while (!ends.isEmpty()) {
      var batch = consumer.poll(POLL);
      for (var record : batch) {
        show(record);
      }
      records += batch.count();
      progress.accept(records);
      // Ends of transactions take offsets too, so the position says more than the last record.
      var done =
          ends.keySet().stream()
              .filter(partition -> consumer.position(partition) >= end(ends, partition))
              .toList();
      done.forEach(ends::remove);
      consumer.pause(done);
      if (!batch.isEmpty() || !done.isEmpty()) {
        lastRead = System.nanoTime();
      } else if (System.nanoTime() - lastRead > PATIENCE.toNanos()) {
        throw new IllegalStateException(
            "no record within %s, and these are not at their ends: %s"
                .formatted(PATIENCE, ends.keySet()));
      }
    }
  }

  private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
    return Objects.requireNonNull(ends.get(partition));
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

  private void showTo(InvariantChecker checker) {
    var topics = configuration.topics();
    Deserializer<Prompt> prompts = format.prompts();
    shows.put(
        topics.promptsTopic(), record -> checker.prompt(place(record), prompt(prompts, record)));
    add(topics.tokensTopic(), Token.class, checker, checker::token);
    add(topics.completionsTopic(), Completion.class, checker, checker::completion);
    add(topics.usageTopic(), Usage.class, checker, (place, usage) -> checker.usage(usage));
    add(topics.errorsTopic(), ErrorEvent.class, checker, (place, error) -> checker.error(error));
  }

  private <T extends SpecificRecord> void add(
      String topic, Class<T> type, InvariantChecker checker, BiConsumer<Place, T> sink) {
    var serde =
        configuration
            .format()
            .values()
            .values(type, ConfiguredFormat.serdeProperties(configuration));
    serdes.add(serde);
    var deserializer = serde.deserializer();
    shows.put(
        topic,
        record -> {
          T event;
          try {
            event = deserializer.deserialize(topic, record.headers(), record.value());
          } catch (RuntimeException failure) {
            checker.unreadable(place(record), String.valueOf(failure.getMessage()));
            return;
          }
          if (event != null) {
            sink.accept(place(record), event);
          }
        });
  }

  /** Null where the record is no prompt, as the processor sees it. */
  private static @Nullable Prompt prompt(
      Deserializer<Prompt> format, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null || record.value().length == 0) {
      return null;
    }
    try {
      return format.deserialize(record.topic(), record.headers(), record.value());
    } catch (RuntimeException failure) {
      return null;
    }
  }

  private void show(ConsumerRecord<byte[], byte[]> record) {
    var time = Instant.ofEpochMilli(record.timestamp());
    if (time.isBefore(from) || !time.isBefore(to)) {
      return;
    }
    Objects.requireNonNull(shows.get(record.topic())).show(record);
  }

  private static Place place(ConsumerRecord<byte[], byte[]> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  @Override
  public void close() {
    consumer.close();
    format.close();
    serdes.forEach(Serde::close);
  }
}
