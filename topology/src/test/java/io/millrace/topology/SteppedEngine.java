package io.millrace.topology;

import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.prompt.PromptEncoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An engine that does nothing until the test tells it what a request does next. One token per
 * character; the context takes {@value #CONTEXT} of them.
 */
final class SteppedEngine implements InferenceEngine {

  static final int CONTEXT = 200;

  /** Requests it takes before it is busy. */
  int room = Integer.MAX_VALUE;

  /** Whether a request is refused for good. */
  boolean refuses;

  /** A text that the encoder breaks on. */
  @Nullable String unencodable;

  final List<Channel> channels = new ArrayList<>();

  /** The channel that was opened last. */
  Channel channel() {
    return channels.getLast();
  }

  @Override
  public ModelInfo model() {
    return new ModelInfo("stepped", "abc123", "test", CONTEXT, 128, "cpu", "test/1");
  }

  @Override
  public PromptEncoder encoder() {
    return new PromptEncoder() {
      @Override
      public int[] encodeChat(List<ChatMessage> messages) {
        var text = new StringBuilder();
        messages.forEach(message -> text.append(message.role()).append(message.content()));
        return encodeText(text.toString());
      }

      @Override
      public int[] encodeText(String text) {
        if (unencodable != null && text.contains(unencodable)) {
          throw new IllegalStateException("cannot encode " + text);
        }
        return text.chars().toArray();
      }
    };
  }

  @Override
  public Channel openChannel(String owner, int capacity, Runnable onEvents) {
    var channel = new Channel(owner, onEvents);
    channels.add(channel);
    return channel;
  }

  @Override
  public boolean isResponsive() {
    return true;
  }

  @Override
  public int inFlight() {
    return channels.stream().mapToInt(channel -> channel.requests.size()).sum();
  }

  @Override
  public void close() {}

  final class Channel implements EngineChannel {

    final String owner;
    final Runnable onEvents;
    final Map<String, GenerationRequest> requests = new LinkedHashMap<>();
    final List<String> submissions = new ArrayList<>();
    final Deque<EngineEvent> events = new ArrayDeque<>();
    boolean closed;
    private final Map<String, Integer> generated = new LinkedHashMap<>();

    Channel(String owner, Runnable onEvents) {
      this.owner = owner;
      this.onEvents = onEvents;
    }

    GenerationRequest request(String requestId) {
      var request = requests.get(requestId);
      if (request == null) {
        throw new AssertionError(requestId + " is not with the engine, only " + requests.keySet());
      }
      return request;
    }

    void token(String requestId, String text) {
      token(requestId, text, text, false);
    }

    /** The last one, with what was held back: a generation that goes on gives it its name only. */
    void cutOffToken(String requestId, String name, String rest) {
      token(requestId, name, name + rest, true);
    }

    private void token(String requestId, String name, String text, boolean isCutOff) {
      int index = generated.merge(requestId, 1, Integer::sum) - 1;
      events.add(
          new EngineEvent.Token(
              requestId,
              request(requestId).attempt(),
              index,
              name.hashCode(),
              text,
              isCutOff,
              null,
              List.of()));
    }

    void complete(String requestId) {
      var usage = usage(requestId);
      events.add(new EngineEvent.Completed(requestId, take(requestId), FinishReason.STOP, usage));
    }

    void fail(String requestId, String code) {
      fail(requestId, code, false);
    }

    /** Fails so that it may do better another time. */
    void failForNow(String requestId) {
      fail(requestId, "engine_failure", true);
    }

    private void fail(String requestId, String code, boolean retryable) {
      var usage = usage(requestId);
      events.add(
          new EngineEvent.Failed(requestId, take(requestId), code, "it broke", retryable, usage));
    }

    void expire(String requestId) {
      var usage = usage(requestId);
      events.add(new EngineEvent.Expired(requestId, take(requestId), usage));
    }

    /** Two milliseconds of waiting, three of prefill, five of decoding. */
    private GenerationUsage usage(String requestId) {
      return new GenerationUsage(
          request(requestId).tokens().length,
          1,
          generated.getOrDefault(requestId, 0),
          2_000_000,
          3_000_000,
          5_000_000,
          5_000_000,
          10_000_000,
          1.5,
          2);
    }

    private int take(String requestId) {
      int attempt = request(requestId).attempt();
      requests.remove(requestId);
      generated.remove(requestId);
      return attempt;
    }

    @Override
    public Admission submit(GenerationRequest request) {
      if (closed) {
        throw new IllegalStateException("closed");
      }
      if (refuses) {
        throw new IllegalArgumentException("not this one");
      }
      if (inFlight() >= room) {
        return Admission.BUSY;
      }
      if (requests.put(request.requestId(), request) != null) {
        throw new AssertionError(request.requestId() + " was submitted twice");
      }
      submissions.add(request.requestId());
      return Admission.ACCEPTED;
    }

    @Override
    public void cancel(String requestId) {
      if (requests.containsKey(requestId)) {
        var usage = usage(requestId);
        events.add(new EngineEvent.Cancelled(requestId, take(requestId), usage));
      }
    }

    @Override
    public @Nullable EngineEvent poll() {
      return events.poll();
    }

    @Override
    public void close() {
      closed = true;
      requests.clear();
      events.clear();
    }
  }
}
