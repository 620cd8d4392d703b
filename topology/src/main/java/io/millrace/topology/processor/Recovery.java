package io.millrace.topology.processor;

import io.millrace.topology.config.InflightSettings;
import io.millrace.topology.processor.EventComposer.Outcome;
import io.millrace.topology.prompt.PromptValidator;
import io.millrace.topology.prompt.Verdict;
import io.millrace.topology.state.InFlight;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Takes up what a former owner of the partition left in flight, before any prompt that comes after
 * it. Belongs to the stream thread.
 */
final class Recovery {

  private final InflightStore store;
  private final ProgressStore progress;
  private final Flights flights;
  private final EngineLink link;
  private final PromptValidator validator;
  private final InflightSettings settings;
  private final boolean exactlyOnce;

  /** Those that were found and are not on their way yet. */
  private final Deque<Flight> found = new ArrayDeque<>();

  /**
   * @param exactlyOnce whether a checkpoint and the events before it were written together
   */
  Recovery(
      InflightStore store,
      ProgressStore progress,
      Flights flights,
      EngineLink link,
      PromptValidator validator,
      InflightSettings settings,
      boolean exactlyOnce) {
    this.store = store;
    this.progress = progress;
    this.flights = flights;
    this.link = link;
    this.validator = validator;
    this.settings = settings;
    this.exactlyOnce = exactlyOnce;
  }

  /** Reads the stores; forwards nothing. Returns how many prompts it found. */
  int begin(long nowMillis, long nowNanos) {
    for (var entry : store.inOrder()) {
      var flight = flight(entry, nowMillis, nowNanos);
      flights.add(flight);
      found.add(flight);
    }
    return found.size();
  }

  private Flight flight(InFlight entry, long nowMillis, long nowNanos) {
    var prompt = InflightStore.prompt(entry);
    var flight =
        Flight.recovered(
            prompt,
            Origin.of(entry.getOrigin()),
            Flight.Times.of(prompt, entry.getAcceptedAt(), nowMillis, nowNanos),
            Transcript.resumed(progress.tokens(prompt.getRequestId()), exactlyOnce),
            entry.getAttempt());
    if (entry.getCancelled()) {
      flight.cancel();
    }
    return flight;
  }

  /** Lets go on what was found. */
  void proceed() {
    while (!found.isEmpty()) {
      proceed(found.removeFirst());
    }
  }

  private void proceed(Flight flight) {
    if (flight.isCancelled()) {
      link.withdraw(flight, Outcome.cancelled());
      return;
    }
    if (flight.attempts() >= settings.maxAttempts()) {
      link.withdraw(
          flight,
          Outcome.failed(
              "attempts_exhausted", "begun " + flight.attempts() + " times without an end"));
      return;
    }
    switch (validator.validate(flight.prompt())) {
      case Verdict.Valid valid -> {
        flight.encoded(valid);
        flights.begin(flight);
      }
      case Verdict.Invalid(var rejection) ->
          // It was valid when it was accepted: the model or the limits are not what they were.
          link.withdraw(flight, Outcome.failed(rejection.code(), rejection.message()));
    }
  }
}
