package io.millrace.runtime.export.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What layout fused is made of, and what it refuses. FusedDecoderTest runs it. */
class FusedDecoderGraphTest {

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP16", "BF16"})
  void noValueCrossesBetweenHostAndGpu(Precision precision) throws IOException {
    var graph = OnnxFile.read(export(NamedShape.TINY.config(), precision));

    assertThat(HostValues.crossings(graph)).isEmpty();
    assertThat(HostValues.of(graph)).contains("call/total_length");
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FP16", "BF16"})
  void thereIsNoOtherPrecision(Precision precision) {
    assertThatThrownBy(() -> export(NamedShape.TINY.config(), precision))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("choose fp16 or bf16");
  }

  @Test
  void aBiasOfAttentionsOutputIsRefused() {
    assertThatThrownBy(() -> export(Shapes.odd(true, true), Precision.FP16))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("choose gqa");
  }

  @Test
  void sizesThatTheKernelsDoNotTakeAreRefused() {
    assertThatThrownBy(() -> export(Shapes.odd(true, false), Precision.FP16))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("wants multiples of 16 and 32");
  }

  private Path export(LlamaConfig config, Precision precision) throws IOException {
    try (var checkpoint = new RandomCheckpoint(config, 3)) {
      var request =
          new ExportRequest(
              directory, precision, OptionalInt.empty(), Layout.FUSED, OptionalInt.empty());
      ModelExporter.export(checkpoint, request, ExportListener.SILENT);
    }
    return directory;
  }
}
