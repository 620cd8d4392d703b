package io.millrace.cli.models;

import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.checkpoint.HuggingFaceCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model directory from a Hugging Face checkpoint. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model directory from a Hugging Face checkpoint of the Llama family"
          + " (config.json, model.safetensors, tokenizer files).",
      ""
    })
final class ExportCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "CHECKPOINT", description = "Directory of the checkpoint.")
  private Path checkpoint;

  @Parameters(index = "1", paramLabel = "OUT", description = "Directory of the model; is created.")
  private Path out;

  @Mixin private PrecisionOption precision;

  @Mixin private LayoutOption layout;

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      description = "A shorter context than the checkpoint's.")
  private Optional<Integer> context;

  @Override
  public Integer call() throws IOException {
    var contextLength = context.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    try (var source = HuggingFaceCheckpoint.open(checkpoint)) {
      ExportProgress.export(
          source,
          new ExportRequest(
              out, precision.precision, contextLength, layout.layout, layout.capacity()));
    }
    return 0;
  }
}
