package io.millrace.cli.models;

import io.millrace.cli.ProviderOption;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.OnnxDecoder;
import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes ahead what opening a model makes the first time. */
@Command(
    name = "warm",
    mixinStandardHelpOptions = true,
    description = {
      "Opens a model as an engine would and closes it: TensorRT builds its engines for these sizes"
          + " and keeps them, for an image or a volume.",
      ""
    },
    footer = {
      "",
      "The sizes must be those of the configuration (engine.slots, engine.capacity,",
      "engine.prefill-chunk), or the engines are built again.",
      "",
      "Example:",
      "  millrace models warm DIR --provider tensorrt --slots 32 --engine-cache /var/cache/millrace"
    })
final class WarmCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The model directory.")
  private Path directory;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "8",
      description = "Prompts generated together. Default: ${DEFAULT-VALUE}.")
  private int slots;

  @Option(
      names = "--capacity",
      paramLabel = "TOKENS",
      description = "Tokens of a slot. Default: the model's context length.")
  private int capacity = Integer.MAX_VALUE;

  @Option(
      names = "--chunk",
      paramLabel = "TOKENS",
      defaultValue = "256",
      description = "Prompt tokens computed between two decode steps. Default: ${DEFAULT-VALUE}.")
  private int chunk;

  @Mixin private ProviderOption provider;

  @Override
  public Integer call() {
    var model = ModelDirectory.load(directory);
    var settings = new SessionSettings(slots, capacity, chunk, 0, false, provider.settings());
    double first = secondsToOpen(model, settings);
    double again = secondsToOpen(model, settings);
    System.out.printf(
        Locale.ROOT, "%s: ready in %.1f s, and again in %.1f s%n", model.name(), first, again);
    return 0;
  }

  private static double secondsToOpen(ModelDirectory model, SessionSettings settings) {
    long start = System.nanoTime();
    OnnxDecoder.open(model, settings).close();
    return (System.nanoTime() - start) / 1e9;
  }
}
