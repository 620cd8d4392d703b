package io.millrace.runtime.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory in the ONNX Runtime GenAI convention: {@code genai_config.json}, the decoder's ONNX
 * file, {@code tokenizer.json}, and where the model has them {@code tokenizer_config.json} and
 * {@code chat_template.jinja}.
 *
 * @param path the directory
 * @param config what its {@code genai_config.json} says
 * @param hash SHA-256 over its files, in hexadecimal
 */
public record ModelDirectory(Path path, GenAiConfig config, String hash) {

  private static final String CONFIG_FILE = "genai_config.json";

  /** The operators of which a graph has one per layer, over a cache that is updated in place. */
  private static final List<String> ATTENTIONS = List.of("GroupQueryAttention", "Attention");

  /**
   * Reads the description and checks that this runtime can run the graph; loads no weights.
   *
   * @throws ModelException if something is missing or cannot be run
   */
  public static ModelDirectory load(Path path) {
    if (!Files.isDirectory(path)) {
      throw new ModelException(path + ": no such directory");
    }
    var config = GenAiConfigReader.read(path.resolve(CONFIG_FILE));
    var directory = new ModelDirectory(path, config, DirectoryHash.of(path));
    directory.requireFile(directory.graphFile(), "named by model.decoder.filename");
    directory.requireFile(directory.tokenizerFile(), "the tokenizer");
    directory.requireAttention();
    return directory;
  }

  public Path graphFile() {
    return path.resolve(config.graphFile());
  }

  public Path tokenizerFile() {
    return path.resolve("tokenizer.json");
  }

  /** May not exist. */
  public Path tokenizerConfigFile() {
    return path.resolve("tokenizer_config.json");
  }

  /** Where newer checkpoints keep the chat template; may not exist. */
  public Path chatTemplateFile() {
    return path.resolve("chat_template.jinja");
  }

  /** The size of the graph and of the files beside it, which hold its weights. */
  public long weightBytes() {
    try (var files = Files.list(path)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException failure) {
      throw new ModelException(path + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** The directory's own name. */
  public String name() {
    var last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? path.toString() : last.toString();
  }

  private void requireFile(Path file, String role) {
    if (!Files.isRegularFile(file)) {
      throw ModelException.in(file, "missing (" + role + ")");
    }
  }

  private void requireAttention() {
    var operators = GraphOperators.count(graphFile());
    boolean fits =
        ATTENTIONS.stream().anyMatch(name -> operators.getOrDefault(name, 0) == config.layers());
    if (!fits) {
      throw ModelException.in(
          graphFile(),
          "has none of the operators %s once for each of its %d layers; only such graphs can be run"
              .formatted(ATTENTIONS, config.layers()));
    }
  }
}
