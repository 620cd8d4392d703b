package io.millrace.system;

import io.millrace.cli.topics.LogEnds;
import io.millrace.topology.config.MillraceConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Reads one topic from its beginning, read committed, in the value format of a configuration. */
public final class Log<T extends SpecificRecord> implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration END_WITHIN = Duration.ofMinutes(2);

  private final Properties properties;
  private final KafkaConsumer<byte[], T> consumer;
  private final List<T> values = new ArrayList<>();

  public Log(MillraceConfiguration configuration, String topic, Class<T> type) {
    properties = TopicReaders.properties(configuration, TopicReaders.COMMITTED);
    consumer = TopicReaders.events(configuration, properties, topic, type);
  }

  /** Reads on until there are that many values, and returns all so far. */
  public List<T> await(int count, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (values.size() < count) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "%d of %d after %d s".formatted(values.size(), count, within.toSeconds()));
      }
      consumer.poll(POLL).forEach(record -> values.add(record.value()));
    }
    return List.copyOf(values);
  }

  /** Reads what there is now, or waits a little for more. */
  public void read() {
    consumer.poll(POLL).forEach(record -> values.add(record.value()));
  }

  /** Reads on until there are values with that many different ids. */
  public void awaitDistinct(int count, Function<T, String> id, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    Set<String> ids = new HashSet<>();
    while (ids.size() < count) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "%d of %d after %d s".formatted(ids.size(), count, within.toSeconds()));
      }
      consumer.poll(POLL).forEach(record -> ids.add(id.apply(record.value())));
    }
  }

  /** Reads on to where the log ends now, and returns all values that are committed. */
  public List<T> toEnd() {
    long deadline = System.nanoTime() + END_WITHIN.toNanos();
    for (var end : LogEnds.of(properties, consumer.assignment()).entrySet()) {
      while (consumer.position(end.getKey()) < end.getValue()) {
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError(
              "%s: at %d of %d after %d s"
                  .formatted(
                      end.getKey(),
                      consumer.position(end.getKey()),
                      end.getValue(),
                      END_WITHIN.toSeconds()));
        }
        consumer.poll(POLL).forEach(record -> values.add(record.value()));
      }
    }
    return List.copyOf(values);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
