package io.millrace.cli.bench;

import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.prompt.PromptEncoder;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An engine without a model: it answers one request after another with a token every few
 * milliseconds, each holding the moment it was made.
 *
 * <p>What lies between that moment and a consumer is Kafka's and the topology's time alone.
 */
final class PacedEngine implements InferenceEngine {

  private static final long SEED = 42;

  private final long leastGapNanos;
  private final long mostGapNanos;
  private final BlockingQueue<Submitted> submitted = new LinkedBlockingQueue<>();
  private final Random random = new Random(SEED);
  private final Thread thread;

  private record Submitted(GenerationRequest request, PacedChannel channel) {}

  /**
   * Starts its thread.
   *
   * @param leastGapNanos shortest time from a token to the next
   * @param mostGapNanos longest; gaps are drawn evenly between the two
   */
  PacedEngine(long leastGapNanos, long mostGapNanos) {
    this.leastGapNanos = leastGapNanos;
    this.mostGapNanos = mostGapNanos;
    thread = Thread.ofPlatform().daemon().name("paced-engine").start(this::answer);
  }

  /** When the token was made, on {@link System#nanoTime()}. */
  static long madeNanos(String tokenText) {
    return Long.parseLong(tokenText.strip());
  }

  @Override
  public ModelInfo model() {
    return new ModelInfo("paced", "none", "none", 1 << 20, 1, "none", "paced");
  }

  @Override
  public PromptEncoder encoder() {
    return new PromptEncoder() {
      @Override
      public int[] encodeChat(List<ChatMessage> messages) {
        return new int[] {0};
      }

      @Override
      public int[] encodeText(String text) {
        return new int[] {0};
      }
    };
  }

  @Override
  public EngineChannel openChannel(String owner, int capacity, Runnable onEvents) {
    return new PacedChannel(onEvents);
  }

  @Override
  public boolean isResponsive() {
    return true;
  }

  @Override
  public int inFlight() {
    return submitted.size();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void answer() {
    try {
      while (true) {
        var next = submitted.take();
        answer(next.request(), next.channel());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(GenerationRequest request, PacedChannel channel) throws InterruptedException {
    int tokens = request.maxCompletionTokens();
    long due = System.nanoTime();
    for (int index = 0; index < tokens; index++) {
      due += random.nextLong(leastGapNanos, mostGapNanos + 1);
      waitUntil(due);
      long made = System.nanoTime();
      channel.add(
          new EngineEvent.Token(
              request.requestId(),
              request.attempt(),
              index,
              0,
              made + " ",
              false,
              null,
              List.of()));
    }
    var usage = new GenerationUsage(1, 0, tokens, 0, 0, 0, 0, 0, 1, 1);
    channel.add(
        new EngineEvent.Completed(
            request.requestId(), request.attempt(), FinishReason.LENGTH, usage));
  }

  private static void waitUntil(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private final class PacedChannel implements EngineChannel {

    private final Queue<EngineEvent> events = new ConcurrentLinkedQueue<>();
    private final Runnable onEvents;

    PacedChannel(Runnable onEvents) {
      this.onEvents = onEvents;
    }

    void add(EngineEvent event) {
      events.add(event);
      onEvents.run();
    }

    @Override
    public Admission submit(GenerationRequest request) {
      submitted.add(new Submitted(request, this));
      return Admission.ACCEPTED;
    }

    /** Nothing is cancelled: the benchmark waits for all it asked for. */
    @Override
    public void cancel(String requestId) {}

    @Override
    public @Nullable EngineEvent poll() {
      return events.poll();
    }

    @Override
    public void close() {
      submitted.removeIf(waiting -> waiting.channel() == this);
      events.clear();
    }
  }
}
