package io.millrace.runtime.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.engine.EngineEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoakLedgerTest {

  private final SoakLedger ledger = new SoakLedger();

  @Test
  void aCountThatDiffersIsAFault() {
    ledger.requireEqual("tokens", 3, 3);
    assertThat(ledger.faults()).isEmpty();

    ledger.requireEqual("tokens", 4, 3);

    assertThat(ledger.faults()).containsExactly("tokens: the engine says 4, told were 3");
  }

  @Test
  void aGapBetweenTokensIsAFault() {
    ledger.submitted("a");
    ledger.told(new EngineEvent.Token("a", 1, 0, 7, "x", false, null, List.of()));
    assertThat(ledger.faults()).isEmpty();

    ledger.told(new EngineEvent.Token("a", 1, 2, 7, "x", false, null, List.of()));

    assertThat(ledger.faults()).hasSize(1);
  }

  @Test
  void whatIsToldAfterTheEndIsAFault() {
    var token = new EngineEvent.Token("unknown", 1, 0, 7, "x", false, null, List.of());

    ledger.told(token);

    assertThat(ledger.faults()).hasSize(1);
  }

  @Test
  void aRequestWithoutAnEndIsUnderWay() {
    ledger.submitted("a");
    ledger.submitted("b");

    assertThat(ledger.underWay()).isEqualTo(2);
    assertThat(ledger.ended("completed")).isZero();
  }
}
