package io.millrace.topology.clients;

import java.time.Duration;

/** The wall clock was set back so far that Kafka's clients cannot go on. */
public final class ClockSetBackException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param by how far
   */
  public ClockSetBackException(Duration by) {
    super(
        ("the clock was set back by %d s; for so long Kafka's clients would send no heartbeats and"
                + " commit nothing, so this processor ends, to be started again")
            .formatted(by.toSeconds()));
  }
}
