package io.millrace.runtime.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadBenchmarkTest {

  @TempDir private static Path directory;

  private static Path model;

  @BeforeAll
  static void export() {
    model = TinyModels.export(directory, Precision.INT8);
  }

  private static LoadMeasurement measure(Arrivals arrivals, int sharedPrefix, int prefixes)
      throws InterruptedException {
    var settings =
        new LoadSettings(
            model,
            new SessionSettings(4, 128, 32, 1, false),
            1 << 20,
            arrivals,
            new Lengths(5, 20),
            new Lengths(3, 6),
            sharedPrefix,
            prefixes,
            4,
            20);
    return new LoadBenchmark(settings, line -> {}).run();
  }

  @Test
  void countsWhatTheRequestsOfAClosedLoopGot() throws InterruptedException {
    var measured = measure(new Arrivals.Concurrent(4), 0, 1);
    assertThat(measured.firstTokenNanos()).hasSize(20).allMatch(nanos -> nanos > 0);
    assertThat(measured.cachedFirstTokenNanos()).isEmpty();
    // Some of the last requests' tokens come after the last request.
    assertThat(measured.completionTokens()).isBetween(40L, 120L);
    assertThat(measured.gapNanos()).hasSizeBetween(2 * 20, 5 * 20);
    assertThat(measured.promptTokens()).isBetween(100L, 400L);
    assertThat(measured.rowsPerStep()).isBetween(1.0, 4.0);
    assertThat(measured.shareOutsideTheModel()).isBetween(0.0, 1.0);
  }

  @Test
  void tellsApartWhoFoundTheirPrefix() throws InterruptedException {
    var measured = measure(new Arrivals.Poisson(10_000), 64, 3);
    assertThat(measured.cachedFirstTokenNanos()).isNotEmpty();
    assertThat(measured.firstTokenNanos().size() + measured.cachedFirstTokenNanos().size())
        .isEqualTo(20);
    assertThat(measured.cachedTokens()).isEqualTo(64L * measured.cachedFirstTokenNanos().size());
  }

  @Test
  void refusesWhatTheModelCannotHold() {
    var settings =
        new LoadSettings(
            model,
            new SessionSettings(1, 1 << 20, 32, 1, false),
            0,
            new Arrivals.Concurrent(1),
            new Lengths(5, 100_000),
            new Lengths(3, 3),
            0,
            1,
            0,
            1);
    assertThatThrownBy(() -> new LoadBenchmark(settings, line -> {}).run())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the model's context");
  }

  @Test
  void lengthsAreReadAsTheyAreWritten() {
    assertThat(Lengths.parse("64")).isEqualTo(new Lengths(64, 64));
    assertThat(Lengths.parse("32-96")).isEqualTo(new Lengths(32, 96));
    assertThatThrownBy(() -> Lengths.parse("many")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Lengths.parse("9-3")).isInstanceOf(IllegalArgumentException.class);
  }
}
