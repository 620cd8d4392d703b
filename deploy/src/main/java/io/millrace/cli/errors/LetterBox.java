package io.millrace.cli.errors;

import io.millrace.cli.CommandException;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.topics.Place;
import io.millrace.cli.topics.TopicRange;
import io.millrace.events.ErrorEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;

/** The errors topic, as one reads it. */
final class LetterBox implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String topic;
  private final TopicRange range;
  private final Serde<ErrorEvent> serde;

  LetterBox(Clients clients, Optional<Instant> from, Optional<Instant> to) {
    topic = clients.topics().errorsTopic();
    serde = clients.serde(ErrorEvent.class);
    range = new TopicRange(clients.committedReader(), from, to);
  }

  /** The letters that fit, the oldest first; of very many the last ones. */
  List<DeadLetter> find(LetterFilter filter, int most) {
    // Enough to have the last ones whatever partition they are in.
    List<DeadLetter> found = new ArrayList<>();
    range.read(
        List.of(topic),
        record -> {
          var letter = letter(record);
          if (filter.test(letter)) {
            found.add(letter);
          }
          if (found.size() >= 2L * most) {
            keepLast(found, most);
          }
        },
        records -> {});
    keepLast(found, most);
    return found;
  }

  private static void keepLast(List<DeadLetter> letters, int most) {
    letters.sort(Comparator.comparing(DeadLetter::time));
    letters.subList(0, Math.max(0, letters.size() - most)).clear();
  }

  /**
   * The letter at a place.
   *
   * @param written as list says it
   * @throws CommandException if that is no place, or there is no letter
   */
  DeadLetter at(String written) {
    var place =
        Place.parse(written)
            .orElseThrow(() -> new CommandException(written + " is no place, as topic-0@17 is"));
    return range
        .at(place)
        .map(this::letter)
        .orElseThrow(() -> new CommandException("there is no dead letter at " + place));
  }

  /** The record that a letter is about, if it is still in its topic. */
  Optional<ConsumerRecord<byte[], byte[]>> original(DeadLetter letter) {
    return letter.origin().flatMap(range::at);
  }

  private DeadLetter letter(ConsumerRecord<byte[], byte[]> record) {
    var error = serde.deserializer().deserialize(topic, record.headers(), record.value());
    return new DeadLetter(Place.of(record), Instant.ofEpochMilli(record.timestamp()), error);
  }

  @Override
  public void close() {
    range.close();
    serde.close();
  }
}
