package io.millrace.runtime.engine;

import io.millrace.runtime.engine.EngineEvent.Failed;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.session.Decoder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes one token for all rows that can go on; more for one that is alone, if they can be
 * drafted.
 *
 * <p>A step that fails is tried again row by row, one row in each iteration, so that only the row
 * it fails by ends with {@link Failed}; if it fails by none of them, fewer rows are decoded
 * together from then on. Belongs to the engine's thread.
 */
final class Decode {

  private static final Logger LOG = LoggerFactory.getLogger(Decode.class);

  private final EngineEntrance entrance;
  private final Rows rows;
  private final Decoder decoder;
  private final StepWatchdog watchdog;
  private final BatchLimit batchLimit;
  private final Suspects suspects;
  private final NextToken nextToken;
  private final Endings endings;
  private final EngineMeters meters;
  private final SpeculativeDecode speculative;
  private final int[] tokens;

  Decode(
      EngineEntrance entrance,
      Rows rows,
      Decoder decoder,
      StepWatchdog watchdog,
      BatchLimit batchLimit,
      NextToken nextToken,
      Endings endings,
      EngineMeters meters,
      @Nullable DraftModel draftModel) {
    this.entrance = entrance;
    this.rows = rows;
    this.decoder = decoder;
    this.watchdog = watchdog;
    this.batchLimit = batchLimit;
    this.suspects = new Suspects(batchLimit);
    this.nextToken = nextToken;
    this.endings = endings;
    this.meters = meters;
    this.speculative =
        new SpeculativeDecode(entrance, decoder, watchdog, nextToken, endings, meters, draftModel);
    this.tokens = new int[decoder.slots()];
  }

  /** Does one step; returns how many rows took part. */
  int step() {
    var suspect = suspects.poll();
    if (suspect != null) {
      decodeAlone(suspect);
      return 1;
    }
    int count = Math.min(rows.bringToFront(Generation::isDecodable), batchLimit.rows());
    if (count == 1 && speculative.step(rows.running().getFirst())) {
      if (rows.running().getFirst().hasEnded()) {
        rows.retire(0);
      }
    } else if (count > 0) {
      decodeTogether(count);
    }
    return count;
  }

  private void decodeTogether(int count) {
    try {
      compute(0, count);
    } catch (RuntimeException | Error failure) {
      meters.failed("decode");
      if (count == 1) {
        endings.fail(rows.running().getFirst(), failure);
        rows.retire(0);
      } else {
        LOG.warn("A decode step of {} rows failed; it is tried again row by row", count, failure);
        suspects.begin(rows.running().subList(0, count));
      }
      return;
    }
    batchLimit.succeeded();
    advance(0, count);
  }

  private void decodeAlone(Generation suspect) {
    int row = rows.of(suspect);
    try {
      compute(row, 1);
    } catch (RuntimeException | Error failure) {
      meters.failed("decode");
      suspects.guilty();
      endings.fail(suspect, failure);
      rows.retire(row);
      return;
    }
    advance(row, 1);
  }

  /** Computes and nothing else, so that it can be tried again if it fails. */
  private void compute(int first, int count) {
    var running = rows.running();
    for (int row = first; row < first + count; row++) {
      tokens[row] = running.get(row).lastToken();
    }
    long start = entrance.now();
    watchdog.watch(() -> decoder.decode(first, count, tokens));
    long nanos = entrance.now() - start;
    meters.decoded(count, nanos);
    if (count == 1) {
      speculative.stepped(nanos);
    }
  }

  /** Takes in what a step has computed. */
  private void advance(int first, int count) {
    long now = entrance.now();
    var running = rows.running();
    for (int row = 0; row < count; row++) {
      var generation = running.get(first + row);
      generation.usage().decoded(count);
      try {
        nextToken.advance(generation, row, now);
      } catch (RuntimeException | Error failure) {
        endings.fail(generation, failure);
      }
    }
    // From the last on: closing a gap moves only rows behind it.
    for (int row = first + count - 1; row >= first; row--) {
      if (running.get(row).hasEnded()) {
        rows.retire(row);
      }
    }
  }
}
