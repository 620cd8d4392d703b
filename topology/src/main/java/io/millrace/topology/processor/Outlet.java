package io.millrace.topology.processor;

import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.topology.processor.EventComposer.Outcome;
import io.millrace.topology.prompt.Rejection;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/** Forwards events to the sinks, each with the key, headers and timestamp of its prompt. */
final class Outlet {

  private final ProcessorContext<byte[], SpecificRecord> context;
  private final EventComposer composer;

  Outlet(ProcessorContext<byte[], SpecificRecord> context, EventComposer composer) {
    this.context = context;
    this.composer = composer;
  }

  void token(Flight flight, EngineEvent.Token token) {
    forward(flight.origin(), composer.token(token), NodeNames.TOKENS);
  }

  /** The events of a prompt's end: completion and usage, and a dead letter if it failed. */
  void end(Flight flight, Outcome outcome, GenerationUsage usage, long nowNanos) {
    if (outcome.status() == Status.FAILED) {
      var reason =
          new Rejection(
              Stage.GENERATE,
              String.valueOf(outcome.errorCode()),
              String.valueOf(outcome.errorMessage()));
      error(flight.origin(), flight.requestId(), reason, null);
    }
    forward(flight.origin(), composer.completion(flight, outcome, usage), NodeNames.COMPLETIONS);
    forward(flight.origin(), composer.usage(flight, outcome, usage, nowNanos), NodeNames.USAGE);
  }

  /** The dead letter of a record, and the end of its prompt if there is to be one. */
  void reject(Intake.Rejected rejected, boolean ended) {
    var origin = rejected.origin();
    var prompt = rejected.prompt();
    error(
        origin,
        prompt == null ? null : prompt.getRequestId(),
        rejected.rejection(),
        rejected.value());
    if (prompt != null && ended) {
      forward(
          origin, composer.rejectedCompletion(prompt, rejected.rejection()), NodeNames.COMPLETIONS);
      forward(origin, composer.rejectedUsage(prompt, rejected.rejection()), NodeNames.USAGE);
    }
  }

  void error(
      Origin origin, @Nullable String requestId, Rejection rejection, byte @Nullable [] value) {
    forward(origin, composer.error(origin, requestId, rejection, value), NodeNames.ERRORS);
  }

  private void forward(Origin origin, SpecificRecord event, String sink) {
    context.forward(origin.event(event), sink);
  }
}
