package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LastingFaultsTest {

  private long millis = 1_000_000;
  private List<String> deadly = List.of();
  private final LastingFaults faults =
      new LastingFaults(() -> deadly, new WallClock(() -> millis, () -> 0));

  @Test
  void whatPassesIsNone() {
    deadly = List.of("the engine hangs");
    assertThat(faults.look()).isEmpty();
    assertThat(faults.look()).isEmpty();
    deadly = List.of();
    assertThat(faults.look()).isEmpty();
    deadly = List.of("the engine hangs");
    assertThat(faults.look()).isEmpty();
  }

  @Test
  void whatStaysIsOne() {
    deadly = List.of("the engine hangs", "the processor has ended");
    faults.look();
    faults.look();
    assertThat(faults.look()).contains("the engine hangs; the processor has ended");
  }

  @Test
  void aClockThatWasSetBackIsOneAtOnce() {
    millis -= 600_000;
    assertThat(faults.look())
        .hasValueSatisfying(reason -> assertThat(reason).contains("set back by 600 s"));
  }
}
