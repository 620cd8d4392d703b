package io.millrace.runtime.engine;

import io.millrace.batching.IterationScheduler;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.session.Decoder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives prompts their slots and computes them, one after the other, as much in each iteration as a
 * chunk has. A prompt begins with what the prefix cache has of it. Belongs to the engine's thread.
 */
final class Prefill {

  private static final Logger LOG = LoggerFactory.getLogger(Prefill.class);

  /** What is left of a chunk is used for a part of a prompt if it is this part of the chunk. */
  private static final int LEAST_PART = 8;

  private final EngineEntrance entrance;
  private final IterationScheduler<Generation> scheduler;
  private final Rows rows;
  private final Decoder decoder;
  private final PrefixCache prefixes;
  private final StepWatchdog watchdog;
  private final BatchLimit batchLimit;
  private final NextToken nextToken;
  private final Endings endings;
  private final EngineMeters meters;

  /** The one whose prompt is not computed to its end. */
  private @Nullable Generation prefilling;

  Prefill(
      EngineEntrance entrance,
      IterationScheduler<Generation> scheduler,
      Rows rows,
      Decoder decoder,
      PrefixCache prefixes,
      StepWatchdog watchdog,
      BatchLimit batchLimit,
      NextToken nextToken,
      Endings endings,
      EngineMeters meters) {
    this.entrance = entrance;
    this.scheduler = scheduler;
    this.rows = rows;
    this.decoder = decoder;
    this.prefixes = prefixes;
    this.watchdog = watchdog;
    this.batchLimit = batchLimit;
    this.nextToken = nextToken;
    this.endings = endings;
    this.meters = meters;
  }

  /**
   * Admits prompts and computes them until a chunk's worth of tokens has been computed: a part of a
   * long prompt, several short prompts. A prompt is cut where the chunk ends, unless so little of
   * it would fit that a call for it does not pay.
   */
  int compute() {
    int chunk = decoder.prefillChunk();
    int leastPart = Math.max(2, chunk / LEAST_PART);
    int computed = 0;
    if (prefilling != null && prefilling.hasEnded()) {
      prefilling = null;
    }
    while (computed < chunk) {
      var generation = prefilling == null ? admit() : prefilling;
      if (generation == null) {
        break;
      }
      int from = generation.prefilled();
      int to = decoder.chunkEnd(from, chunk - computed, generation.promptTokens());
      if (computed > 0 && to < generation.promptTokens() && to - from < leastPart) {
        break;
      }
      compute(generation, from, to);
      computed += to - from;
    }
    return computed;
  }

  private @Nullable Generation admit() {
    if (rows.running().size() >= batchLimit.rows()) {
      return null;
    }
    var admitted = scheduler.admit();
    admitted.ifPresent(
        generation -> {
          entrance.leaveWaitingRoom(generation.promptTokens());
          prefilling = generation;
          reuse(generation);
        });
    return prefilling;
  }

  /** Begins with what the prompt shares with others before it. */
  private void reuse(Generation generation) {
    int row = rows.of(generation);
    int cached = load(row, generation);
    meters.cached(cached);
    generation.usage().cached(cached);
    generation.prefilledUpTo(cached);
  }

  /** What cannot be loaded is computed. */
  private int load(int row, Generation generation) {
    try {
      return prefixes.load(row, generation.request());
    } catch (RuntimeException failure) {
      LOG.warn("The prefix cache could not be read", failure);
      return 0;
    }
  }

  private void compute(Generation generation, int from, int to) {
    int row = rows.of(generation);
    try {
      long start = entrance.now();
      watchdog.watch(() -> decoder.prefill(row, generation.request().tokens(), from, to));
      long end = entrance.now();
      meters.prefilled(to - from, end - start);
      generation.usage().prefilled(to - from, start, end);
      generation.prefilledUpTo(to);
      if (generation.isPrefilled()) {
        prefixes.keep(row, generation.request());
        nextToken.advance(generation, 0, end);
      }
    } catch (RuntimeException | Error failure) {
      meters.failed("prefill");
      endings.fail(generation, failure);
    }
    if (generation.hasEnded() || generation.isPrefilled()) {
      prefilling = null;
    }
    if (generation.hasEnded()) {
      rows.retire(row);
    }
  }
}
