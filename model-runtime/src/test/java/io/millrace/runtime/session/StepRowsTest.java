package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepRowsTest {

  @Test
  void fewNumbersOfRowsAreRecordedAndAllSlotsAreOneOfThem() {
    assertThat(new StepRows.Recorded(33).all()).containsExactly(33, 32, 24, 16, 12, 8, 4, 2, 1);
    assertThat(new StepRows.Recorded(16).all()).containsExactly(16, 12, 8, 4, 2, 1);
    assertThat(new StepRows.Recorded(1).all()).containsExactly(1);
  }

  @Test
  void aStepHasTheNextNumberOfRowsThatIsRecorded() {
    var rows = new StepRows.Recorded(33);
    assertThat(rows.atLeast(3)).isEqualTo(4);
    assertThat(rows.atLeast(9)).isEqualTo(12);
    assertThat(rows.atLeast(13)).isEqualTo(16);
    assertThat(rows.atLeast(32)).isEqualTo(32);
    assertThat(rows.atLeast(33)).isEqualTo(33);
  }

  @Test
  void whereNothingIsRecordedThereIsALeastNumber() {
    assertThat(new StepRows.Any(2).atLeast(1)).isEqualTo(2);
    assertThat(new StepRows.Any(2).atLeast(5)).isEqualTo(5);
  }
}
