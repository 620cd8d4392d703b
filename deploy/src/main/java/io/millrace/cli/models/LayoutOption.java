package io.millrace.cli.models;

import io.millrace.runtime.export.graph.Layout;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The operators of an exported model. */
final class LayoutOption {

  @Option(
      names = "--layout",
      defaultValue = "gqa",
      converter = Converter.class,
      completionCandidates = Labels.class,
      description = {
        "gqa: operators of ONNX Runtime's own, GroupQueryAttention among them; for CPU and CUDA,"
            + " and the default.",
        "fused: the same attention, and the rest by Millrace's own operators; fastest on CUDA, and"
            + " for Millrace alone; fp16 or bf16.",
        "standard: standard ONNX operators alone, for TensorRT; fp32, fp16 or bf16."
      })
  Layout layout;

  @Option(
      names = "--capacity",
      paramLabel = "TOKENS",
      description =
          "Of each row's cache, which the layout standard fixes; 4096 or the context length if not"
              + " given, whichever is less.")
  private Optional<Integer> capacity;

  OptionalInt capacity() {
    return capacity.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  private static final class Converter implements ITypeConverter<Layout> {
    @Override
    public Layout convert(String label) {
      return Layout.ofLabel(label)
          .orElseThrow(() -> new TypeConversionException("must be one of " + labels()));
    }
  }

  private static final class Labels implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return labels().iterator();
    }
  }

  private static List<String> labels() {
    return Arrays.stream(Layout.values()).map(Layout::label).toList();
  }
}
