package io.millrace.topology.processor;

import io.millrace.events.Prompt;
import io.millrace.topology.state.InFlight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.KeyValueStore;

/** The prompts that were accepted and have not ended, by request id. */
final class InflightStore {

  private final KeyValueStore<String, InFlight> entries;

  InflightStore(KeyValueStore<String, InFlight> entries) {
    this.entries = entries;
  }

  void put(Flight flight) {
    try {
      var prompt = Prompt.getEncoder().encode(flight.prompt());
      entries.put(
          flight.requestId(),
          new InFlight(
              flight.origin().state(),
              flight.times().acceptedAtMillis(),
              flight.countedAttempts(),
              flight.isCancelled(),
              prompt));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  void delete(Flight flight) {
    entries.delete(flight.requestId());
  }

  /** Everything in the store, in the order in which it was accepted. */
  List<InFlight> inOrder() {
    List<InFlight> all = new ArrayList<>();
    try (var iterator = entries.all()) {
      iterator.forEachRemaining(entry -> all.add(entry.value));
    }
    all.sort(Comparator.comparingLong(entry -> entry.getOrigin().getOffset()));
    return all;
  }

  static Prompt prompt(InFlight entry) {
    try {
      return Prompt.getDecoder().decode(entry.getPrompt().duplicate());
    } catch (IOException exception) {
      throw new SerializationException("cannot read a prompt in flight", exception);
    }
  }
}
