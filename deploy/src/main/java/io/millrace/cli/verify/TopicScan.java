package io.millrace.cli.verify;

import io.millrace.cli.topics.Place;
import io.millrace.cli.topics.TopicRange;
import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/** Shows what is in a processor's topics to a checker. */
public final class TopicScan implements AutoCloseable {

  private final MillraceConfiguration configuration;
  private final InvariantChecker checker;
  private final ConfiguredFormat format;
  private final List<Serde<?>> serdes = new ArrayList<>();

  /** How a topic's records are shown. */
  private final Map<String, Consumer<ConsumerRecord<byte[], byte[]>>> shows = new HashMap<>();

  public TopicScan(MillraceConfiguration configuration, InvariantChecker checker) {
    this.configuration = configuration;
    this.checker = checker;
    this.format = new ConfiguredFormat(configuration);
    var topics = configuration.topics();
    var prompts = format.prompts();
    shows.put(
        topics.promptsTopic(), record -> checker.prompt(Place.of(record), prompt(prompts, record)));
    add(topics.tokensTopic(), Token.class, checker::token);
    add(topics.completionsTopic(), Completion.class, checker::completion);
    add(topics.usageTopic(), Usage.class, (place, usage) -> checker.usage(usage));
    add(topics.errorsTopic(), ErrorEvent.class, (place, error) -> checker.error(error));
  }

  /**
   * Reads and shows all of a range.
   *
   * @param progress is told how many records have been read, now and then
   */
  public void read(TopicRange range, LongConsumer progress) {
    range.read(
        shows.keySet(),
        record -> Objects.requireNonNull(shows.get(record.topic())).accept(record),
        progress);
  }

  private <T extends SpecificRecord> void add(
      String topic, Class<T> type, BiConsumer<Place, T> sink) {
    var serde =
        configuration
            .format()
            .values()
            .values(type, ConfiguredFormat.serdeProperties(configuration));
    serdes.add(serde);
    var deserializer = serde.deserializer();
    shows.put(topic, record -> show(deserializer, sink, record));
  }

  private <T> void show(
      Deserializer<T> format, BiConsumer<Place, T> sink, ConsumerRecord<byte[], byte[]> record) {
    T event;
    try {
      event = format.deserialize(record.topic(), record.headers(), record.value());
    } catch (RuntimeException failure) {
      checker.unreadable(Place.of(record), String.valueOf(failure.getMessage()));
      return;
    }
    if (event != null) {
      sink.accept(Place.of(record), event);
    }
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

  @Override
  public void close() {
    format.close();
    serdes.forEach(Serde::close);
  }
}
