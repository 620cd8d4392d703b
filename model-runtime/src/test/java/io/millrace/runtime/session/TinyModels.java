package io.millrace.runtime.session;

import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.graph.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Real models, small and random, for tests. */
public final class TinyModels {

  private TinyModels() {}

  /** Writes a model directory below the one given. */
  public static Path export(Path parent, Precision precision) {
    var directory = parent.resolve("tiny-" + precision.label());
    try (var checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      ModelExporter.export(
          checkpoint, new ExportRequest(directory, precision), ExportListener.SILENT);
      return directory;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
