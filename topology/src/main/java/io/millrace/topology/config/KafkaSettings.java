package io.millrace.topology.config;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the section {@code kafka} comes to for each kind of client.
 *
 * <p>A setting is asked for by the name that is for its kind of client alone, such as {@code
 * consumer.session.timeout.ms} or {@code producer.linger.ms}; one of Kafka Streams itself has no
 * prefix. The strongest of the keys that stand for it counts, as Kafka Streams has it: for the
 * consumer of prompts {@code main.consumer.}, then {@code consumer.}, then none; for the one of
 * changelogs {@code restore.consumer.}, then {@code consumer.}, then none; for the producer {@code
 * producer.}, then none.
 */
public final class KafkaSettings {

  private static final String CONSUMER = "consumer.";
  private static final String MAIN_CONSUMER = "main.consumer.";
  private static final String RESTORE_CONSUMER = "restore.consumer.";
  private static final String PRODUCER = "producer.";

  private final Map<String, String> section;

  KafkaSettings(Map<String, String> section) {
    this.section = section;
  }

  /** What the user has set, by whichever key; empty where defaults hold. */
  public Optional<String> find(String name) {
    return keys(name).map(section::get).filter(Objects::nonNull).findFirst().map(String::strip);
  }

  private static Stream<String> keys(String name) {
    if (name.startsWith(CONSUMER)) {
      var key = name.substring(CONSUMER.length());
      return Stream.of(MAIN_CONSUMER + key, name, key);
    }
    if (name.startsWith(RESTORE_CONSUMER)) {
      var key = name.substring(RESTORE_CONSUMER.length());
      return Stream.of(name, CONSUMER + key, key);
    }
    if (name.startsWith(PRODUCER)) {
      return Stream.of(name, name.substring(PRODUCER.length()));
    }
    return Stream.of(name);
  }

  /** Whether what a task writes between two commits is written as a whole or not at all. */
  boolean isExactlyOnce() {
    return !text("processing.guarantee", "exactly_once_v2").equals("at_least_once");
  }

  /** What holds, in lower case. */
  String text(String name, String otherwise) {
    return find(name).orElse(otherwise).toLowerCase(Locale.ROOT);
  }

  /**
   * What holds, be it set or a default, Millrace's or Kafka's.
   *
   * @param name of one that {@link KafkaDefaults} knows
   * @throws IllegalArgumentException if it is set to something that is no number
   */
  public long number(String name) {
    var given = find(name);
    if (given.isEmpty()) {
      return KafkaDefaults.number(name, isExactlyOnce());
    }
    try {
      return Long.parseLong(given.get());
    } catch (NumberFormatException exception) {
      throw new IllegalArgumentException(
          "kafka.%s must be a number, not \"%s\"".formatted(name, given.get()), exception);
    }
  }
}
