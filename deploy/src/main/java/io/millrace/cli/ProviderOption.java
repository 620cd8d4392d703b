package io.millrace.cli;

import io.millrace.runtime.session.ProviderSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Says which execution provider a command runs a model on. */
public final class ProviderOption {

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = {
        "cpu, cuda, tensorrt, several with commas between them (the first that can be used is), or",
        "auto for all. Default: ${DEFAULT-VALUE}."
      })
  private String order;

  @Option(
      names = "--device",
      paramLabel = "N",
      defaultValue = "0",
      description = "Number of the GPU. Default: ${DEFAULT-VALUE}.")
  private int device;

  @Option(
      names = "--engine-cache",
      paramLabel = "DIR",
      description = "Where TensorRT's engines are kept. Default: in the model's directory.")
  private Optional<Path> engineCache;

  /**
   * What was asked for.
   *
   * @throws CommandException if there is no such provider or device
   */
  public ProviderSettings settings() {
    try {
      return new ProviderSettings(ProviderSettings.parseOrder(order), device, engineCache);
    } catch (IllegalArgumentException unknown) {
      throw new CommandException("--provider: " + unknown.getMessage());
    }
  }
}
