package io.millrace.cli.errors;

import io.millrace.cli.topics.Place;
import io.millrace.events.ErrorEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An error event and where it is.
 *
 * @param time of the record that it is about
 */
record DeadLetter(Place place, Instant time, ErrorEvent error) {

  /** Where the record is that it is about. */
  Optional<Place> origin() {
    var topic = error.getTopic();
    var partition = error.getPartition();
    var offset = error.getOffset();
    return topic == null || partition == null || offset == null
        ? Optional.empty()
        : Optional.of(new Place(topic, partition, offset));
  }

  /** The original value, if the letter has it. */
  byte @Nullable [] value() {
    return bytes(error.getOriginalValue());
  }

  /** The original key, if there was one. */
  byte @Nullable [] key() {
    return bytes(error.getOriginalKey());
  }

  static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
