package io.millrace.cli.bench;

import io.millrace.batching.Batchable;
import io.millrace.cli.CommandException;
import io.millrace.events.Prompt;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Has prompts answered by an engine without Kafka. */
final class BareEngine implements AutoCloseable {

  private static final int MOST_EVENTS = 1 << 20;

  private final InferenceEngine engine;
  private final Duration patience;
  private final LinkedBlockingQueue<Terminal> ends = new LinkedBlockingQueue<>();
  private final EngineChannel channel;
  private long tokens;

  /**
   * @param engine stays the caller's
   * @param patience for the next prompt's end
   */
  BareEngine(InferenceEngine engine, Duration patience) {
    this.engine = engine;
    this.patience = patience;
    // Taken on the engine's own thread: another would take a core away from those of a step.
    this.channel = engine.openChannel("bench", MOST_EVENTS, this::drain);
  }

  private synchronized void drain() {
    for (var event = channel.poll(); event != null; event = channel.poll()) {
      switch (event) {
        case Token _ -> tokens++;
        case Terminal end -> ends.add(end);
      }
    }
  }

  Turn run(List<Prompt> prompts, BrokerProcess broker) throws InterruptedException {
    synchronized (this) {
      tokens = 0;
    }
    var begin = Turn.begin(broker);
    prompts.forEach(prompt -> channel.submit(request(prompt)));
    for (int ended = 0; ended < prompts.size(); ended++) {
      var end = ends.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!(end instanceof Completed)) {
        throw new CommandException("a prompt did not complete: " + end);
      }
    }
    synchronized (this) {
      return begin.end(tokens);
    }
  }

  private GenerationRequest request(Prompt prompt) {
    int most = prompt.getSampling().getMaxCompletionTokens();
    var end = new EndConditions(List.of(), Set.of(), true, 0, most);
    var sampling = new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, end, false, 0);
    return new GenerationRequest(
        prompt.getRequestId(),
        1,
        engine.encoder().encodeText(prompt.getText()),
        sampling,
        0,
        Batchable.NO_DEADLINE,
        "",
        "");
  }

  @Override
  public void close() {
    channel.close();
  }
}
