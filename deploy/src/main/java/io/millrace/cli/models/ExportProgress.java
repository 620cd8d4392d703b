package io.millrace.cli.models;

import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.Checkpoint;
import java.io.IOException;

/** Exports a model and says how far it is. */
final class ExportProgress {

  private ExportProgress() {}

  static void export(Checkpoint checkpoint, ExportRequest request) throws IOException {
    var report =
        ModelExporter.export(
            checkpoint,
            request,
            (done, total) -> System.err.printf("layer %d of %d written%n", done, total));
    System.out.printf(
        "%s: %,d parameters as %s, %.1f MB%n",
        report.directory(), report.parameters(), report.precision().label(), report.bytes() / 1e6);
  }
}
