package io.millrace.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.HuggingFaceCheckpoint;
import io.millrace.runtime.export.comparison.ComparisonReport;
import io.millrace.runtime.export.comparison.DialogueFile;
import io.millrace.runtime.export.comparison.ModelComparison;
import io.millrace.runtime.export.graph.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demo model as it is committed: a trained checkpoint, and its export. */
class DemoModelTest {

  private static final Path HOME = Path.of("demo-model");

  @TempDir Path directory;

  @Test
  void theCommittedModelIsTheExportOfTheCommittedCheckpoint() throws IOException {
    Path exported = export(Precision.INT8);

    Map<String, byte[]> committedFiles = files(HOME.resolve("model"));
    Map<String, byte[]> exportedFiles = files(exported);
    assertThat(committedFiles.keySet()).isEqualTo(exportedFiles.keySet());
    for (String name : exportedFiles.keySet()) {
      assertThat(committedFiles.get(name))
          .as("%s: run millrace models export again", name)
          .isEqualTo(exportedFiles.get(name));
    }
  }

  /** The bounds are about three times what PRECISION.md reports on all dialogues. */
  @ParameterizedTest
  @CsvSource({"INT8, 0.01, 0.99", "INT8_WEIGHTS, 0.005, 0.99", "INT4, 0.02, 0.95"})
  void everyPrecisionStaysNearTheReference(
      Precision precision, double largestIncrease, double smallestAgreement) throws IOException {
    ComparisonReport report =
        ModelComparison.compare(
            export(Precision.FP32),
            export(precision),
            DialogueFile.read(HOME.resolve("dialogues/heldout.jsonl")).subList(0, 40),
            _ -> {});

    assertThat(report.perplexityIncrease()).isLessThan(largestIncrease);
    assertThat(report.greedyAgreement()).isGreaterThan(smallestAgreement);
  }

  private Path export(Precision precision) throws IOException {
    Path model = directory.resolve(precision.label());
    try (Checkpoint checkpoint = HuggingFaceCheckpoint.open(HOME.resolve("checkpoint"))) {
      ModelExporter.export(checkpoint, new ExportRequest(model, precision), ExportListener.SILENT);
    }
    return model;
  }

  private static Map<String, byte[]> files(Path model) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }
}
