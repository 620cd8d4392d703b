package io.millrace.runtime.engine;

import io.millrace.runtime.engine.EngineEvent.Cancelled;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Expired;
import io.millrace.runtime.engine.EngineEvent.Failed;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.session.DecoderException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests: tells their owner, and keeps what finds no room in the owner's channel until it
 * does. A request whose end is untold counts as waiting, so an owner that does not listen cannot
 * pile them up. Belongs to the engine's thread.
 */
final class Endings {

  private static final Logger LOG = LoggerFactory.getLogger(Endings.class);

  private final EngineEntrance entrance;
  private final EngineMeters meters;
  private final List<Generation> untold = new ArrayList<>();

  Endings(EngineEntrance entrance, EngineMeters meters) {
    this.entrance = entrance;
    this.meters = meters;
  }

  /** Whether every end has been told. */
  boolean areTold() {
    return untold.isEmpty();
  }

  void complete(Generation generation, FinishReason reason, long now) {
    var request = generation.request();
    end(
        generation,
        new Completed(request.requestId(), request.attempt(), reason, generation.usage().at(now)));
  }

  void expire(Generation generation) {
    var request = generation.request();
    end(generation, new Expired(request.requestId(), request.attempt(), usage(generation)));
  }

  void cancel(Generation generation) {
    var request = generation.request();
    end(generation, new Cancelled(request.requestId(), request.attempt(), usage(generation)));
  }

  /** Does nothing for a request that has ended before the failure. */
  void fail(Generation generation, Throwable failure) {
    if (!generation.hasEnded()) {
      LOG.error("Request {} failed", generation.requestId(), failure);
      var request = generation.request();
      end(
          generation,
          new Failed(
              request.requestId(),
              request.attempt(),
              failure instanceof StepStoppedException ? "step_stopped" : "engine_failure",
              "the model could not be run: " + failure.getMessage(),
              isRetryable(failure),
              usage(generation)));
    }
  }

  /**
   * A step may fail for want of memory or by a fault of the device, and succeed the next time. One
   * that hung is not tried again: it would hold up all others once more.
   */
  private static boolean isRetryable(Throwable failure) {
    return failure instanceof DecoderException || failure instanceof OutOfMemoryError;
  }

  /** Ends a request whose owner has gone. */
  void abandon(Generation generation) {
    generation.abandon();
    entrance.leave();
  }

  /** Forgets the untold ends of a channel that was closed. */
  void abandon(QueuedChannel channel) {
    for (Iterator<Generation> ended = untold.iterator(); ended.hasNext(); ) {
      if (ended.next().channel() == channel) {
        ended.remove();
        entrance.endIsSettled();
        entrance.leave();
      }
    }
  }

  /** Tells what there is room for now; returns how many ends that were. */
  int deliver() {
    int told = 0;
    for (Iterator<Generation> ended = untold.iterator(); ended.hasNext(); ) {
      if (ended.next().deliver()) {
        ended.remove();
        entrance.endIsSettled();
        entrance.leave();
        told++;
      }
    }
    return told;
  }

  private void end(Generation generation, Terminal event) {
    generation.end(event);
    meters.ended(outcome(event));
    if (generation.isDelivered()) {
      entrance.leave();
    } else {
      entrance.endIsUntold();
      untold.add(generation);
    }
  }

  private static String outcome(Terminal event) {
    return switch (event) {
      case Completed _ -> "completed";
      case Expired _ -> "expired";
      case Cancelled _ -> "cancelled";
      case Failed _ -> "failed";
    };
  }

  private GenerationUsage usage(Generation generation) {
    return generation.usage().at(entrance.now());
  }
}
