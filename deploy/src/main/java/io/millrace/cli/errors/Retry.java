package io.millrace.cli.errors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Makes of a dead letter the record that it is about, to be sent again. */
final class Retry {

  /** Says in the record which letter it is sent again for. */
  static final String HEADER = "millrace.retry-of";

  private Retry() {}

  /**
   * The record as it was, with its key and headers and {@link #HEADER}; its timestamp is that of
   * its sending. Empty if its value is neither in the letter nor in its topic any more.
   *
   * @param original the record in its topic, if it is still there
   */
  static Optional<ProducerRecord<byte[], byte[]>> record(
      DeadLetter letter, Optional<ConsumerRecord<byte[], byte[]>> original) {
    var origin = letter.origin();
    byte[] value =
        letter.value() != null ? letter.value() : original.map(ConsumerRecord::value).orElse(null);
    if (origin.isEmpty() || value == null) {
      return Optional.empty();
    }
    var headers = new RecordHeaders();
    letter
        .error()
        .getOriginalHeaders()
        .forEach(header -> headers.add(header.getKey(), DeadLetter.bytes(header.getValue())));
    headers.remove(HEADER);
    headers.add(HEADER, letter.place().toString().getBytes(UTF_8));
    return Optional.of(
        new ProducerRecord<>(origin.get().topic(), null, null, letter.key(), value, headers));
  }
}
