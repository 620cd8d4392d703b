package io.millrace.runtime.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short soak: whether memory grows shows only in a long one, {@code millrace bench soak}. */
class SoakBenchmarkTest {

  @Test
  void everyRequestEndsOnceAndTheCountsAddUp(@TempDir Path directory) {
    var settings =
        new SoakSettings(
            TinyModels.export(directory, Precision.INT8),
            new SessionSettings(4, 128, 32, 1, false),
            1 << 18,
            8,
            4_000,
            7);
    var told = new ArrayList<SoakSample>();

    var report = new SoakBenchmark(settings, OptionalLong::empty, told::add).run();

    assertThat(report.faults()).isEmpty();
    assertThat(report.samples()).isEqualTo(told).hasSize(SoakSettings.PARTS);
    var last = report.samples().getLast();
    assertThat(last.tokens()).isGreaterThanOrEqualTo(4_000);
    assertThat(last.completed()).isPositive();
    assertThat(last.cancelled()).isPositive();
    assertThat(last.refused()).isPositive();
    assertThat(report.residentGrowth()).isEmpty();
  }
}
