package io.millrace.topology.processor;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose event a stream thread is just forwarding, for the handler of one that cannot be written.
 * Kafka Streams names the record that the thread is at, which is seldom the one that the event is
 * about: events come from the engine while others are read.
 *
 * @param origin of the record that the event is about
 */
public record ForwardedEvent(Origin origin, @Nullable String requestId) {

  private static final ScopedValue<ForwardedEvent> CURRENT = ScopedValue.newInstance();

  /** That of this thread; empty if it forwards none, as that of the producer. */
  public static Optional<ForwardedEvent> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Forwards. */
  void during(Runnable forwarding) {
    ScopedValue.where(CURRENT, this).run(forwarding);
  }
}
