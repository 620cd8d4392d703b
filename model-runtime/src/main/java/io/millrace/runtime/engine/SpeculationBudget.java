package io.millrace.runtime.engine;

import java.util.Arrays;

/**
 * Decides how many drafted tokens a step of one row shall verify, so that it pays.
 *
 * <p>It knows what a step takes with and without them, and how often drafts were right. Time that
 * verifying may cost is a budget: it begins with a few steps' worth, grows by a small part of the
 * time of steps without drafts and by what right ones save, and no step is begun that could use
 * more than is left. So where drafts are wrong, little is lost. What it decides changes no token.
 */
final class SpeculationBudget {

  /** Of the time of steps without drafts: what may be lost. */
  private static final double LOSS = 0.02;

  /** The budget at the beginning and at most, in steps without drafts. */
  private static final double FIRST_STEPS = 4;

  private static final double MOST_STEPS = 8;

  /** How much faster it has to look. */
  private static final double LEAST_GAIN = 1.05;

  /** What a token more is taken to cost, in steps without drafts, until one was measured. */
  private static final double FIRST_COST = 0.25;

  /** Weights of a new measurement: of a step, and of a drafted token, of which there are fewer. */
  private static final double NEWS = 1.0 / 8;

  private static final double NEWS_OF_TOKEN = 1.0 / 4;

  /** One that takes longer than so many usual steps was held up by something else. */
  private static final double LONGEST = 2;

  /** How fast old drafts are forgotten; how fast bad ones are, while none are verified. */
  private static final double MEMORY = 0.9;

  private static final double FORGIVENESS = 0.02;

  /** Steps without drafts after one with them has failed. */
  private static final int REST = 1_000;

  /**
   * Drafted tokens that are taken to have been verified, and to have been right, before any were.
   */
  private static final double FIRST_VERIFIED = 2;

  private static final double FIRST_RIGHT = 1.4;

  /** By {@link Drafts#match()}. */
  private final double[] verified = new double[Drafts.EARLIER_ATTEMPT + 1];

  private final double[] right = new double[Drafts.EARLIER_ATTEMPT + 1];

  /** Nanoseconds of a step without drafts; 0 if none was measured. */
  private double step;

  /** Nanoseconds of each drafted token in a step. */
  private double token;

  private double budget;
  private int rest;

  SpeculationBudget() {
    Arrays.fill(verified, FIRST_VERIFIED);
    Arrays.fill(right, FIRST_RIGHT);
    // The same attempt again: wrong only if the model is another one.
    right[Drafts.EARLIER_ATTEMPT] = FIRST_VERIFIED;
  }

  /**
   * How many drafted tokens the next step shall verify; 0 if none.
   *
   * @param match as {@link Drafts#match()}
   * @param most how many there are
   */
  int worthVerifying(int match, int most) {
    if (step == 0 || rest > 0) {
      return 0;
    }
    double chance = right[match] / verified[match];
    double best = LEAST_GAIN / step;
    int worth = 0;
    double tokens = 1;
    double allRight = 1;
    for (int count = 1; count <= most && count * token <= budget; count++) {
      allRight *= chance;
      tokens += allRight;
      double speed = tokens / (step + count * token);
      if (speed > best) {
        best = speed;
        worth = count;
      }
    }
    if (worth == 0) {
      verified[match] += FORGIVENESS * (FIRST_VERIFIED - verified[match]);
      right[match] += FORGIVENESS * (FIRST_RIGHT - right[match]);
      token += FORGIVENESS * (Math.min(token, FIRST_COST * step) - token);
    }
    return worth;
  }

  /** A step of one row without drafts took so long. */
  void stepped(long nanos) {
    if (step == 0) {
      step = nanos;
      token = FIRST_COST * nanos;
      budget = FIRST_STEPS * nanos;
    } else {
      step += NEWS * (Math.min((double) nanos, LONGEST * step) - step);
    }
    rest = Math.max(0, rest - 1);
    earn(LOSS * step);
  }

  /**
   * A step verified drafted tokens.
   *
   * @param match as {@link Drafts#match()}
   * @param count how many
   * @param wereRight the first so many of them
   * @param isDecided whether the next one was wrong, if there was one; not if it was not looked at
   */
  void verified(int match, int count, int wereRight, boolean isDecided, long nanos) {
    double taken = Math.min((double) nanos, LONGEST * (step + count * token));
    double cost = Math.clamp((taken - step) / count, 0, step);
    token += NEWS_OF_TOKEN * (cost - token);
    earn((1 + wereRight) * step - taken);
    int looked = wereRight < count && isDecided ? wereRight + 1 : wereRight;
    verified[match] = MEMORY * verified[match] + looked;
    right[match] = MEMORY * right[match] + wereRight;
  }

  private void earn(double nanos) {
    budget = Math.min(budget + nanos, MOST_STEPS * step);
  }

  /** A step with drafted tokens failed. */
  void failed() {
    rest = REST;
  }
}
