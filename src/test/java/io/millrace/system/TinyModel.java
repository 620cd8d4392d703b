package io.millrace.system;

import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.graph.Precision;
import java.io.IOException;
import java.nio.file.Path;

/** A small model with random weights, which goes on to the limit. */
public final class TinyModel {

  private TinyModel() {}

  /** Makes one in the directory, and returns its own. */
  public static Path in(Path directory) throws IOException {
    var model = directory.resolve("tiny");
    try (var checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      ModelExporter.export(
          checkpoint, new ExportRequest(model, Precision.INT8), ExportListener.SILENT);
    }
    return model;
  }
}
