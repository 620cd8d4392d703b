package io.millrace.runtime.engine;

import static java.util.Objects.requireNonNull;

import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.session.Decoder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes several tokens of a lone row in one step, where its text so far or a smaller model says
 * what may come: the drafted tokens are computed together, and taken up to the first that is not
 * the token sampled there.
 *
 * <p>Every token is sampled from the same logits as without, so that the tokens are the same.
 * Belongs to the engine's thread.
 */
final class SpeculativeDecode {

  private static final Logger LOG = LoggerFactory.getLogger(SpeculativeDecode.class);

  private final EngineEntrance entrance;
  private final Decoder decoder;
  private final StepWatchdog watchdog;
  private final NextToken nextToken;
  private final Endings endings;
  private final EngineMeters meters;
  private final SpeculationBudget lookups = new SpeculationBudget();

  /** Of the draft model, whose tokens cost time before they are verified. */
  private final SpeculationBudget modelled = new SpeculationBudget();

  private final @Nullable DraftModel draftModel;

  /** The row's last token and behind it the drafted ones. */
  private final int[] tokens;

  SpeculativeDecode(
      EngineEntrance entrance,
      Decoder decoder,
      StepWatchdog watchdog,
      NextToken nextToken,
      Endings endings,
      EngineMeters meters,
      @Nullable DraftModel draftModel) {
    this.entrance = entrance;
    this.decoder = decoder;
    this.watchdog = watchdog;
    this.nextToken = nextToken;
    this.endings = endings;
    this.meters = meters;
    this.draftModel = draftModel;
    tokens = new int[decoder.verifiableTokens()];
  }

  /** Takes note of a step of one row that was decoded the usual way. */
  void stepped(long nanos) {
    lookups.stepped(nanos);
    modelled.stepped(nanos);
  }

  /**
   * Does a step of the row in slot 0, if something can be drafted and verifying it pays.
   *
   * @return false if nothing was done, and the row is to be decoded the usual way
   */
  boolean step(Generation generation) {
    int most = Math.min(tokens.length, nextToken.left(generation)) - 1;
    return most >= 1 && (lookUp(generation, most) || askModel(generation, most));
  }

  private boolean lookUp(Generation generation, int most) {
    int found = generation.drafts().draft(tokens, 1, most);
    if (found == 0) {
      return false;
    }
    int match = generation.drafts().match();
    int drafted = lookups.worthVerifying(match, found);
    return drafted > 0 && verify(generation, drafted, lookups, match, entrance.now());
  }

  private boolean askModel(Generation generation, int most) {
    int worth = draftModel == null ? 0 : modelled.worthVerifying(Drafts.OF_MODEL, most);
    if (worth == 0) {
      return false;
    }
    long start = entrance.now();
    int drafted;
    try {
      drafted = generation.drafts().draft(requireNonNull(draftModel), tokens, 1, worth);
    } catch (RuntimeException | Error failure) {
      LOG.warn("The draft model failed; the step is done without", failure);
      meters.failed("draft");
      modelled.failed();
      return false;
    }
    return drafted > 0 && verify(generation, drafted, modelled, Drafts.OF_MODEL, start);
  }

  /**
   * Does the step.
   *
   * @param budget that pays for it
   * @param start when drafting began to take time
   */
  private boolean verify(
      Generation generation, int drafted, SpeculationBudget budget, int match, long start) {
    tokens[0] = generation.lastToken();
    long begin = entrance.now();
    try {
      watchdog.watch(() -> decoder.verify(tokens, 1 + drafted));
    } catch (RuntimeException | Error failure) {
      LOG.warn("A step with {} drafted tokens failed; it is done without", drafted, failure);
      meters.failed("decode");
      budget.failed();
      return false;
    }
    long end = entrance.now();
    meters.decoded(1, end - begin);
    generation.usage().decoded(1);
    int taken = take(generation, drafted, end);
    decoder.keep(taken);
    boolean isDecided = !generation.hasEnded() && generation.isDecodable();
    budget.verified(match, drafted, taken - 1, isDecided, end - start);
    meters.verified(taken - 1, drafted - (taken - 1));
    return true;
  }

  /**
   * Samples as long as the drafted tokens are right; returns how many tokens went into the
   * sequence.
   */
  private int take(Generation generation, int drafted, long now) {
    int taken = 0;
    try {
      do {
        nextToken.advance(generation, taken, now);
        taken++;
      } while (taken <= drafted
          && !generation.hasEnded()
          && generation.isDecodable()
          && generation.lastToken() == tokens[taken]);
    } catch (RuntimeException | Error failure) {
      endings.fail(generation, failure);
    }
    return Math.max(1, taken);
  }
}
