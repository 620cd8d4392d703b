package io.millrace.cli.models;

import io.millrace.runtime.model.GraphOperators;
import io.millrace.runtime.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what a model directory holds, and whether this runtime can run it. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {"Says what a model directory holds, and checks that it can be run.", ""},
    footer = {"", "Exit code: 0 if the model can be run, else 1 and the reason."})
final class InspectCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The model directory.")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    var model = ModelDirectory.load(directory);
    var config = model.config();
    print("name", model.name());
    print("architecture", config.architecture());
    print("context", "%,d tokens".formatted(config.contextLength()));
    print(
        "vocabulary",
        "%,d tokens, ends with %s".formatted(config.vocabularySize(), config.endTokens()));
    print("layers", Integer.toString(config.layers()));
    print(
        "cache",
        "%,d bytes a token in 32-bit floats"
            .formatted(cacheBytes(config.layers(), config.keyValueHeads(), config.headSize())));
    print("size", "%.1f MB".formatted(size(model.path()) / 1e6));
    print("operators", operators(GraphOperators.count(model.graphFile())));
    print(
        "chat template",
        Files.exists(model.chatTemplateFile()) ? "yes" : "in tokenizer_config.json, if any");
    print("hash", model.hash());
    return 0;
  }

  /** A key and a value of {@code headSize} floats for each layer and head. */
  private static long cacheBytes(int layers, int heads, int headSize) {
    return 2L * layers * heads * headSize * Float.BYTES;
  }

  private static long size(Path directory) throws IOException {
    long bytes = 0;
    try (var files = Files.list(directory)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** Most frequent first. */
  private static String operators(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static void print(String name, String value) {
    System.out.printf("%-14s %s%n", name, value);
  }
}
