package io.millrace.runtime.session;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which execution provider a model is to run on.
 *
 * @param order the first that can be used is; if there is none the model is not opened
 * @param device number of the GPU, as CUDA counts the visible ones
 * @param engineCache directory for what TensorRT builds; the model's own if empty
 */
public record ProviderSettings(
    List<ExecutionProvider> order, int device, Optional<Path> engineCache) {

  private static final String AUTO = "auto";

  /** The CPU. */
  public static final ProviderSettings CPU = of(ExecutionProvider.CPU);

  /** The fastest that can be used. */
  public static final ProviderSettings FASTEST = of(ExecutionProvider.values());

  /**
   * @throws IllegalArgumentException if there is none to choose from, or the device is negative
   */
  public ProviderSettings {
    order = List.copyOf(order);
    if (order.isEmpty() || device < 0) {
      throw new IllegalArgumentException("provider %s, device %d".formatted(order, device));
    }
  }

  /** On the first GPU if on one. */
  public static ProviderSettings of(ExecutionProvider... order) {
    return new ProviderSettings(List.of(order), 0, Optional.empty());
  }

  /**
   * Those of the order that this ONNX Runtime was built with; all of them if it was with none, so
   * that the reason is told.
   */
  List<ExecutionProvider> buildable() {
    var built =
        order.stream().filter(provider -> BuiltProviders.absence(provider).isEmpty()).toList();
    return built.isEmpty() ? order : built;
  }

  /** Whether nothing but the CPU can be chosen. */
  public boolean isCpuAlone() {
    return buildable().equals(List.of(ExecutionProvider.CPU));
  }

  /** The same with one provider alone. */
  public ProviderSettings alone(ExecutionProvider provider) {
    return new ProviderSettings(List.of(provider), device, engineCache);
  }

  /** The same on another GPU. */
  public ProviderSettings onDevice(int number) {
    return new ProviderSettings(order, number, engineCache);
  }

  /**
   * Reads {@code auto}, or the labels of providers with commas between them.
   *
   * @throws IllegalArgumentException if one is unknown; the message names those that are known
   */
  public static List<ExecutionProvider> parseOrder(String text) {
    if (text.strip().equalsIgnoreCase(AUTO)) {
      return List.of(ExecutionProvider.values());
    }
    return Arrays.stream(text.split(",", -1))
        .map(
            label ->
                ExecutionProvider.ofLabel(label.strip())
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "\"%s\" is not one of auto, %s".formatted(label, labels()))))
        .distinct()
        .toList();
  }

  private static String labels() {
    return Arrays.stream(ExecutionProvider.values())
        .map(ExecutionProvider::label)
        .collect(Collectors.joining(", "));
  }
}
