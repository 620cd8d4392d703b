package io.millrace.topology.processor;

import io.millrace.events.Completion;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Usage;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.EventComposer.Outcome;
import io.millrace.topology.prompt.Rejection;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/** Forwards events to the sinks, each with the key, headers and timestamp of its prompt. */
final class Outlet {

  private final ProcessorContext<byte[], SpecificRecord> context;
  private final EventComposer composer;
  private final CompletionSize completionSize;
  private final PromptMeters meters;

  Outlet(
      ProcessorContext<byte[], SpecificRecord> context,
      EventComposer composer,
      CompletionSize completionSize,
      PromptMeters meters) {
    this.context = context;
    this.composer = composer;
    this.completionSize = completionSize;
    this.meters = meters;
  }

  void token(Flight flight, EngineEvent.Token token) {
    forward(flight.origin(), flight.requestId(), composer.token(token), NodeNames.TOKENS);
  }

  /**
   * The events of a prompt's end: completion and usage, and a dead letter if it failed. What cannot
   * be written as it is has failed, so that it still gets its terminal event.
   */
  void end(Flight flight, Outcome outcome, GenerationUsage usage, long nowNanos) {
    var completion = composer.completion(flight, outcome, usage);
    if (completionSize.fits(flight.origin(), completion)) {
      end(flight, outcome, completion, composer.usage(flight, outcome, usage, nowNanos));
    } else {
      var failed =
          Outcome.failed("completion_too_large", "the completion is too large to be written");
      end(
          flight,
          failed,
          composer.bareCompletion(flight, failed, usage),
          composer.usage(flight, failed, usage, nowNanos));
    }
  }

  private void end(Flight flight, Outcome outcome, Completion completion, Usage usage) {
    if (outcome.status() == Status.FAILED) {
      var reason =
          new Rejection(
              Stage.GENERATE,
              String.valueOf(outcome.errorCode()),
              String.valueOf(outcome.errorMessage()));
      error(flight.origin(), flight.requestId(), reason, null);
    }
    forward(flight.origin(), flight.requestId(), completion, NodeNames.COMPLETIONS);
    forward(flight.origin(), flight.requestId(), usage, NodeNames.USAGE);
    meters.ended(usage);
  }

  /** The dead letter of a record, and the end of its prompt if there is to be one. */
  void reject(Intake.Rejected rejected, boolean ended) {
    var origin = rejected.origin();
    var prompt = rejected.prompt();
    var rejection = rejected.rejection();
    var requestId = prompt == null ? null : prompt.getRequestId();
    error(origin, requestId, rejection, rejected.value());
    if (prompt != null && ended) {
      forward(
          origin, requestId, composer.rejectedCompletion(prompt, rejection), NodeNames.COMPLETIONS);
      var usage = composer.rejectedUsage(prompt, rejection);
      forward(origin, requestId, usage, NodeNames.USAGE);
      meters.ended(usage);
    }
  }

  void error(
      Origin origin, @Nullable String requestId, Rejection rejection, byte @Nullable [] value) {
    forward(
        origin, requestId, composer.error(origin, requestId, rejection, value), NodeNames.ERRORS);
    meters.deadLetter(rejection.stage(), rejection.code());
  }

  private void forward(
      Origin origin, @Nullable String requestId, SpecificRecord event, String sink) {
    new ForwardedEvent(origin, requestId).during(() -> context.forward(origin.event(event), sink));
  }
}
