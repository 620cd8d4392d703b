package io.millrace.cli.topics;

import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where a record is. */
public record Place(String topic, int partition, long offset) {

  private static final Pattern WRITTEN = Pattern.compile("(.+)-(\\d{1,9})@(\\d{1,18})");

  public static Place of(ConsumerRecord<?, ?> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  /** Reads what {@link #toString} writes; empty if it is nothing of the kind. */
  public static Optional<Place> parse(String written) {
    var matcher = WRITTEN.matcher(written);
    return matcher.matches()
        ? Optional.of(
            new Place(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
