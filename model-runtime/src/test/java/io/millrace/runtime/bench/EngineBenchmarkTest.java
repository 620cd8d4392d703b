package io.millrace.runtime.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.attention.CacheType;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineBenchmarkTest {

  @Test
  void measuresEveryModelAtEveryBatchSize(@TempDir Path directory) {
    var models =
        List.of(
            TinyModels.export(directory, Precision.INT8),
            TinyModels.export(directory, Precision.FP32));
    List<String> progress = new ArrayList<>();
    var settings =
        new BenchmarkSettings(
            models, List.of(1, 3), 2, 5, 4, 1, false, CacheType.MODEL, ProviderSettings.CPU);
    var measurements = new EngineBenchmark(settings, progress::add).run();
    assertThat(measurements)
        .extracting(measurement -> measurement.model() + " " + measurement.batch())
        .containsExactly("tiny-int8 1", "tiny-fp32 1", "tiny-int8 3", "tiny-fp32 3");
    assertThat(measurements)
        .allSatisfy(
            measurement -> {
              assertThat(measurement.decodeRatio()).isPositive().isFinite();
              assertThat(measurement.prefillRatio()).isPositive().isFinite();
            });
    assertThat(progress).contains("batch 3, repeat 2 of 2");
  }
}
