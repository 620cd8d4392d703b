package io.millrace.runtime.session;

import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Real models, small and random, for tests. */
public final class TinyModels {

  private TinyModels() {}

  /** Writes a model directory below the one given. */
  public static Path export(Path parent, Precision precision) {
    return export(new ExportRequest(parent.resolve("tiny-" + precision.label()), precision));
  }

  /** Writes one of another layout. */
  public static Path export(Path parent, Precision precision, Layout layout) {
    var directory = parent.resolve("tiny-%s-%s".formatted(precision.label(), layout.label()));
    return export(
        new ExportRequest(directory, precision, OptionalInt.empty(), layout, OptionalInt.empty()));
  }

  private static Path export(ExportRequest request) {
    try (var checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      ModelExporter.export(checkpoint, request, ExportListener.SILENT);
      return request.output();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
