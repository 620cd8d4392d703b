package io.millrace.runtime.engine;

import io.millrace.runtime.engine.EngineEvent.Terminal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A channel over a bounded queue: one owner's thread on one side, the engine's on the other. */
final class QueuedChannel implements EngineChannel {

  private final String owner;
  private final EngineEntrance entrance;
  private final EventQueue events;
  private final Runnable onEvents;

  /** Touched by the owner's thread only. */
  private final Map<String, Generation> inFlight = new HashMap<>();

  /** Touched by the engine's thread only. */
  private boolean unannounced;

  private volatile boolean closed;
  private volatile boolean starved;

  QueuedChannel(String owner, int capacity, EngineEntrance entrance, Runnable onEvents) {
    this.owner = owner;
    this.entrance = entrance;
    this.events = new EventQueue(capacity);
    this.onEvents = onEvents;
  }

  @Override
  public Admission submit(GenerationRequest request) {
    if (closed || entrance.isClosed()) {
      throw new IllegalStateException("channel " + owner + " is closed");
    }
    entrance.check(request.tokens());
    if (inFlight.containsKey(request.requestId())) {
      throw new IllegalArgumentException("request " + request.requestId() + " is in flight");
    }
    if (!entrance.hasRoom(request.promptTokens())) {
      // A full engine is asked again every millisecond: that makes no garbage.
      return Admission.BUSY;
    }
    // Made first: a place in the waiting room that is taken and then not used is lost for good.
    var generation = new Generation(request, this, entrance.contextLength(), entrance.now());
    if (!entrance.tryEnter(request.promptTokens())) {
      return Admission.BUSY;
    }
    inFlight.put(request.requestId(), generation);
    entrance.send(new EngineCommand.Submit(generation));
    return Admission.ACCEPTED;
  }

  @Override
  public void cancel(String requestId) {
    var generation = inFlight.get(requestId);
    if (generation != null && generation.markCancelled()) {
      entrance.send(new EngineCommand.Cancel(generation));
    }
  }

  @Override
  public @Nullable EngineEvent poll() {
    if (closed) {
      return null;
    }
    var event = events.poll();
    if (event instanceof Terminal) {
      inFlight.remove(event.requestId());
    }
    if (event != null && starved) {
      starved = false;
      entrance.wake();
    }
    return event;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      inFlight.clear();
      entrance.send(new EngineCommand.CloseChannel(this));
    }
  }

  /** For the engine's thread: false if there is no room now; the engine is woken when there is. */
  boolean offer(EngineEvent event) {
    if (events.offer(event)) {
      unannounced = true;
      return true;
    }
    starved = true;
    return false;
  }

  /** For the engine's thread: tells the owner of what was offered since the last time. */
  void announce() {
    if (unannounced) {
      unannounced = false;
      onEvents.run();
    }
  }

  boolean isClosed() {
    return closed;
  }
}
