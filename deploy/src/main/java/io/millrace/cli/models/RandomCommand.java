package io.millrace.cli.models;

import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Writes a model directory with random weights. */
@Command(
    name = "random",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model directory of a known shape with random weights: as fast and as large as the"
          + " real one, for benchmarks and tests.",
      ""
    })
final class RandomCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "SHAPE",
      converter = Converter.class,
      description = "tiny, smollm2-135m, qwen2.5-0.5b or llama-3.2-1b.")
  private NamedShape shape;

  @Parameters(index = "1", paramLabel = "OUT", description = "Directory of the model; is created.")
  private Path out;

  @Mixin private PrecisionOption precision;

  @Mixin private LayoutOption layout;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Of the weights; the same seed gives the same bytes.")
  private long seed;

  @Override
  public Integer call() throws IOException {
    try (var source = new RandomCheckpoint(shape.config(), seed)) {
      ExportProgress.export(
          source,
          new ExportRequest(
              out, precision.precision, OptionalInt.empty(), layout.layout, layout.capacity()));
    }
    return 0;
  }

  private static final class Converter implements ITypeConverter<NamedShape> {
    @Override
    public NamedShape convert(String label) {
      return NamedShape.ofLabel(label)
          .orElseThrow(() -> new TypeConversionException("must be one of " + labels()));
    }

    private static List<String> labels() {
      return Arrays.stream(NamedShape.values()).map(NamedShape::label).toList();
    }
  }
}
