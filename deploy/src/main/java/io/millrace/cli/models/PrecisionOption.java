package io.millrace.cli.models;

import io.millrace.runtime.export.graph.Precision;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The number formats of an exported model. */
final class PrecisionOption {

  @Option(
      names = "--precision",
      defaultValue = "int8",
      converter = Converter.class,
      completionCandidates = Labels.class,
      description = {
        "fp32: the reference.",
        "fp16, bf16: 16-bit floats throughout, for GPUs.",
        "int8: weights and activations; the fastest on CPU, and the default.",
        "int8-weights: weights only.",
        "int4: weights only; the smallest.",
        "int8-weights-fp16, int4-fp16: these weights and 16-bit floats, for GPUs."
      })
  Precision precision;

  private static final class Converter implements ITypeConverter<Precision> {
    @Override
    public Precision convert(String label) {
      return Precision.ofLabel(label)
          .orElseThrow(() -> new TypeConversionException("must be one of " + labels()));
    }
  }

  private static final class Labels implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return labels().iterator();
    }
  }

  private static Iterable<String> labels() {
    return Arrays.stream(Precision.values()).map(Precision::label).toList();
  }
}
