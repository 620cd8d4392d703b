package io.millrace.runtime.export;

import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * What to export, and how.
 *
 * @param output directory of the model; created if missing
 * @param precision number formats
 * @param contextLength most positions that the model gets; the checkpoint's own if empty
 * @param layout operators
 * @param capacity positions that each row of the cache has, in {@link Layout#STANDARD}, where the
 *     graph fixes it; {@value #LARGEST_DEFAULT_CAPACITY} or the context length if empty, whichever
 *     is less. It is the context length of the exported model, since no more fits
 */
public record ExportRequest(
    Path output,
    Precision precision,
    OptionalInt contextLength,
    Layout layout,
    OptionalInt capacity) {

  /** Attention over a fixed capacity reads all of it, so the default is not 128 Ki positions. */
  static final int LARGEST_DEFAULT_CAPACITY = 4096;

  /** A request for {@link Layout#GROUP_QUERY}. */
  public ExportRequest(Path output, Precision precision, OptionalInt contextLength) {
    this(output, precision, contextLength, Layout.GROUP_QUERY, OptionalInt.empty());
  }

  public ExportRequest(Path output, Precision precision) {
    this(output, precision, OptionalInt.empty());
  }

  /** Whether the graph takes {@code position_ids} in place of an {@code attention_mask}. */
  boolean positions() {
    return precision.positions() || layout == Layout.STANDARD;
  }

  /**
   * Most positions that the exported model gets.
   *
   * @param trained the checkpoint's context length
   * @throws CheckpointException if a wish is out of bounds
   */
  int contextLength(int trained) {
    int wanted =
        within(
            "context length",
            contextLength.orElse(trained),
            "the model's %d".formatted(trained),
            trained);
    return switch (layout) {
      case GROUP_QUERY, FUSED -> {
        if (capacity.isPresent()) {
          throw new CheckpointException(
              "a fixed capacity needs the layout " + Layout.STANDARD.label());
        }
        yield wanted;
      }
      case STANDARD ->
          within(
              "capacity",
              capacity.orElse(Math.min(wanted, LARGEST_DEFAULT_CAPACITY)),
              "the context length %d".formatted(wanted),
              wanted);
    };
  }

  private static int within(String name, int value, String limitName, int limit) {
    if (value < 1 || value > limit) {
      throw new CheckpointException(
          "%s %d is not between 1 and %s".formatted(name, value, limitName));
    }
    return value;
  }
}
