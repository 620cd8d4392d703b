package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpeculationBudgetTest {

  private static final long STEP = 10_000;
  private static final long TOKEN = 800;

  private final SpeculationBudget budget = new SpeculationBudget();

  /** What was done since the budget was made. */
  private long nanos;

  private int tokens;

  @BeforeEach
  void firstStep() {
    step();
  }

  private void step() {
    budget.stepped(STEP);
    nanos += STEP;
    tokens++;
  }

  /** One step; of what is drafted so many are right. Returns how many were verified. */
  private int step(int match, int drafted, int right) {
    return step(match, drafted, right, TOKEN);
  }

  private int step(int match, int drafted, int right, long tokenNanos) {
    int count = budget.worthVerifying(match, drafted);
    if (count == 0) {
      step();
      return 0;
    }
    int accepted = Math.min(count, right);
    long taken = STEP + count * tokenNanos;
    budget.verified(match, count, accepted, true, taken);
    nanos += taken;
    tokens += 1 + accepted;
    return count;
  }

  private double slowerThanWithout() {
    return nanos / (double) (tokens * STEP);
  }

  @Test
  void nothingIsVerifiedBeforeAStepWasMeasured() {
    assertThat(new SpeculationBudget().worthVerifying(4, 7)).isZero();
  }

  @Test
  void draftsThatAreRightAreVerifiedInFull() {
    for (int step = 0; step < 20; step++) {
      step(4, 7, 7);
    }
    assertThat(step(4, 7, 7)).isEqualTo(7);
    assertThat(slowerThanWithout()).isLessThan(0.3);
  }

  @Test
  void draftsThatAreWrongCostLittle() {
    for (int step = 0; step < 500; step++) {
      step(2 + step % 5, 7, 0);
    }
    assertThat(slowerThanWithout()).isBetween(1.0, 1.03);
  }

  @Test
  void draftsThatAreWrongAreTriedAgainNowAndThen() {
    for (int step = 0; step < 500; step++) {
      step(3, 7, 0);
    }
    int verified = 0;
    for (int step = 0; step < 500; step++) {
      verified += step(3, 7, 0) > 0 ? 1 : 0;
    }
    assertThat(verified).isPositive();
  }

  @Test
  void draftsThatBecomeRightAreFound() {
    for (int step = 0; step < 500; step++) {
      step(3, 7, 0);
    }
    for (int step = 0; step < 200; step++) {
      step(3, 7, 7);
    }
    assertThat(step(3, 7, 7)).isEqualTo(7);
  }

  @Test
  void aMatchThatSaysLittleDoesNotSpoilOneThatSaysMuch() {
    int verified = 0;
    for (int step = 0; step < 200; step++) {
      verified += step(2, 7, 0);
      step(6, 7, 7);
    }
    assertThat(verified).isLessThan(40);
    assertThat(budget.worthVerifying(6, 7)).isEqualTo(7);
  }

  @Test
  void rightDraftsThatTakeLongerThanDecodingCostLittle() {
    for (int step = 0; step < 1_000; step++) {
      step(4, 7, 7, 3 * STEP / 2);
    }
    assertThat(slowerThanWithout()).isBetween(1.0, 1.03);
  }

  @Test
  void aStepThatWasHeldUpOnceChangesLittle() {
    for (int step = 0; step < 20; step++) {
      step(4, 7, 7);
    }
    budget.verified(4, 7, 7, true, 1_000 * STEP);
    assertThat(budget.worthVerifying(4, 7)).isPositive();
  }

  @Test
  void whatWasNotLookedAtIsNeitherRightNorWrong() {
    for (int step = 0; step < 100; step++) {
      budget.verified(4, 7, 0, false, STEP + 7 * TOKEN);
      for (int usual = 0; usual < 40; usual++) {
        budget.stepped(STEP);
      }
    }
    assertThat(budget.worthVerifying(4, 7)).isPositive();
  }

  @Test
  void afterAFailureItRests() {
    budget.failed();
    for (int step = 0; step < 999; step++) {
      assertThat(step(4, 7, 7)).isZero();
    }
    step();
    assertThat(step(4, 7, 7)).isPositive();
  }
}
