package io.millrace.topology.processor;

import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.topology.config.InflightSettings;
import io.millrace.topology.log.WithoutMessage;
import io.millrace.topology.processor.EventComposer.Outcome;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition's side of the engine: hands it prompts, forwards what it tells, and ends prompts with
 * their terminal events. Belongs to the stream thread.
 */
final class EngineLink {

  private static final Logger LOG = LoggerFactory.getLogger(EngineLink.class);

  private final EngineChannel channel;
  private final Flights flights;
  private final PromptLane lane;
  private final Retries retries;
  private final Outlet outlet;
  private final InflightSettings settings;
  private final LongSupplier nanoClock;

  EngineLink(
      EngineChannel channel,
      Flights flights,
      PromptLane lane,
      Outlet outlet,
      InflightSettings settings,
      LongSupplier nanoClock) {
    this.channel = channel;
    this.flights = flights;
    this.lane = lane;
    this.retries = new Retries(settings);
    this.outlet = outlet;
    this.settings = settings;
    this.nanoClock = nanoClock;
  }

  /**
   * Forwards what the engine has for this task, within the configured budget. Returns whether that
   * was all.
   */
  boolean drain() {
    long endNanos = nanoClock.getAsLong() + settings.drainTime().toNanos();
    for (int i = 0; i < settings.drainEvents(); i++) {
      var event = channel.poll();
      if (event == null) {
        return true;
      }
      take(event);
      if (nanoClock.getAsLong() - endNanos >= 0) {
        return false;
      }
    }
    return false;
  }

  private void take(EngineEvent event) {
    var flight = flights.find(event.requestId());
    if (flight == null || flight.attempts() != event.attempt()) {
      LOG.warn("{} is not in flight, yet the engine sent {}", event.requestId(), event.getClass());
      return;
    }
    switch (event) {
      case EngineEvent.Token token -> {
        flight.transcript().add(token).forEach(told -> outlet.token(flight, told));
        flights.generated(flight);
      }
      case EngineEvent.Completed completed ->
          end(flight, Outcome.completed(completed.reason()), completed.usage());
      case EngineEvent.Expired expired -> end(flight, Outcome.expired(), expired.usage());
      case EngineEvent.Cancelled cancelled -> end(flight, Outcome.cancelled(), cancelled.usage());
      case EngineEvent.Failed failed -> failed(flight, failed);
    }
  }

  private void failed(Flight flight, EngineEvent.Failed failed) {
    if (flight.isCancelled()) {
      end(flight, Outcome.cancelled(), failed.usage());
    } else if (failed.retryable() && retries.add(flight, nanoClock.getAsLong())) {
      LOG.warn("{} is tried again: {}", flight.requestId(), failed.message());
    } else {
      end(flight, Outcome.failed(failed.code(), failed.message()), failed.usage());
    }
  }

  /** Ends a prompt that the engine does not have, wherever it waits. */
  void withdraw(Flight flight, Outcome outcome) {
    lane.remove(flight.requestId());
    retries.remove(flight);
    endUnsubmitted(flight, outcome);
  }

  private void endUnsubmitted(Flight flight, Outcome outcome) {
    end(flight, outcome, GenerationUsage.unstarted(0));
  }

  private void end(Flight flight, Outcome outcome, GenerationUsage usage) {
    outlet.end(flight, outcome, usage, nanoClock.getAsLong());
    flights.end(flight);
  }

  /**
   * Ends a prompt as cancelled: at once, or when the engine says so. The command is consumed before
   * that, so the store keeps it for a next owner.
   */
  void cancel(Flight flight) {
    if (flight.isSubmitted()) {
      if (flight.cancel()) {
        flights.cancelled(flight);
      }
      channel.cancel(flight.requestId());
    } else {
      withdraw(flight, Outcome.cancelled());
    }
  }

  /** Moves prompts towards the engine. */
  void advance() {
    long nowNanos = nanoClock.getAsLong();
    flights.expired(nowNanos).forEach(flight -> withdraw(flight, Outcome.expired()));
    retries.handOn(nowNanos, lane::addDue);
    lane.release(nowNanos);
    lane.handOn(flight -> submit(flight, nowNanos));
  }

  /** Returns false if the engine has no room. */
  private boolean submit(Flight flight, long nowNanos) {
    try {
      return switch (channel.submit(flight.nextRequest())) {
        case BUSY -> false;
        case ACCEPTED -> {
          if (flight.submitted(nowNanos)) {
            flights.attemptBegun(flight);
          }
          yield true;
        }
      };
    } catch (IllegalArgumentException exception) {
      LOG.warn("The engine refuses {}", flight.requestId(), WithoutMessage.of(exception));
      endUnsubmitted(
          flight, Outcome.failed("engine_refused", "the engine cannot take this prompt"));
      return true;
    }
  }

  void close() {
    channel.close();
  }
}
