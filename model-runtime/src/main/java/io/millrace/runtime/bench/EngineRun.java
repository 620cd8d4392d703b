package io.millrace.runtime.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.EngineEvent.Completed;
import io.millrace.runtime.engine.EngineEvent.Terminal;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.sampling.SamplingParameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** An engine under measurement: rows of one length, submitted together. */
final class EngineRun implements AutoCloseable {

  /**
   * Seldom, because the engine alone is measured here: each look takes a core away from a step's
   * threads for a moment, and the others wait for that one. The channel has room for all events.
   */
  private static final long POLL_NANOS = 20_000_000;

  private final BenchmarkSettings settings;
  private final InferenceEngine engine;
  private final EngineChannel channel;
  private final int batch;
  private final long openNanos;
  private final Random random = new Random(1);

  EngineRun(Path model, BenchmarkSettings settings, int batch) {
    this.settings = settings;
    this.batch = batch;
    long start = System.nanoTime();
    engine =
        InferenceEngines.open(
            model,
            // No prefix cache: the same prompts come in every repeat.
            EngineSettings.of(settings.session(batch), batch),
            new SimpleMeterRegistry());
    openNanos = System.nanoTime() - start;
    channel = engine.openChannel("benchmark", 4 * batch * settings.decodeTokens(), () -> {});
  }

  /** What it took to load the model and make it ready. */
  long openNanos() {
    return openNanos;
  }

  /**
   * Finds prompts whose completions do not end early, which is also the warm-up.
   *
   * @throws IllegalStateException if the model ends nearly every completion early
   */
  int[][] prompts() {
    List<int[]> lasting = new ArrayList<>();
    for (int attempt = 0; lasting.size() < batch; attempt++) {
      if (attempt == 50) {
        throw new IllegalStateException("the model ends its completions too early to measure");
      }
      int[][] candidates = new int[batch][];
      for (int row = 0; row < batch; row++) {
        candidates[row] =
            random.ints(settings.promptTokens(), 0, engine.model().vocabularySize()).toArray();
      }
      var usages = generate(candidates);
      for (int row = 0; row < batch && lasting.size() < batch; row++) {
        if (usages.get(row).completionTokens() == settings.decodeTokens()) {
          lasting.add(candidates[row]);
        }
      }
    }
    return lasting.toArray(int[][]::new);
  }

  /** Generates for all prompts together; the usages are in their order. */
  List<GenerationUsage> generate(int[][] prompts) {
    GenerationUsage[] usages = new GenerationUsage[prompts.length];
    for (int row = 0; row < prompts.length; row++) {
      channel.submit(
          new GenerationRequest(
              Integer.toString(row),
              1,
              prompts[row],
              SamplingParameters.greedy(settings.decodeTokens()),
              0,
              Batchable.NO_DEADLINE,
              "",
              ""));
    }
    for (int ended = 0; ended < prompts.length; ) {
      var event = channel.poll();
      if (event == null) {
        LockSupport.parkNanos(this, POLL_NANOS);
      } else if (event instanceof Terminal end) {
        if (!(end instanceof Completed)) {
          throw new IllegalStateException("a completion failed: " + end);
        }
        usages[Integer.parseInt(end.requestId())] = end.usage();
        ended++;
      }
    }
    return List.of(usages);
  }

  @Override
  public void close() {
    engine.close();
  }
}
