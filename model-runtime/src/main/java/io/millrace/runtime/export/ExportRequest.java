package io.millrace.runtime.export;

import io.millrace.runtime.export.graph.Precision;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * What to export, and how.
 *
 * @param output directory of the model; created if missing
 * @param precision number formats
 * @param contextLength most positions that the model gets; the checkpoint's own if empty
 */
public record ExportRequest(Path output, Precision precision, OptionalInt contextLength) {

  public ExportRequest(Path output, Precision precision) {
    this(output, precision, OptionalInt.empty());
  }
}
