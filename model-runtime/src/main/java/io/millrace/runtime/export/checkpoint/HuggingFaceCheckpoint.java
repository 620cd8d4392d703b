package io.millrace.runtime.export.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A checkpoint directory as {@code save_pretrained} of Hugging Face transformers writes it. */
public final class HuggingFaceCheckpoint implements Checkpoint {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja");

  private final Path directory;
  private final LlamaConfig config;
  private final SpecialTokens specialTokens;
  private final Arena arena;
  private final Map<String, StoredTensor> tensors;

  private HuggingFaceCheckpoint(
      Path directory,
      LlamaConfig config,
      SpecialTokens specialTokens,
      Arena arena,
      Map<String, StoredTensor> tensors) {
    this.directory = directory;
    this.config = config;
    this.specialTokens = specialTokens;
    this.arena = arena;
    this.tensors = tensors;
  }

  /**
   * Opens a checkpoint and maps its weights.
   *
   * @throws CheckpointException if files are missing or damaged, or the model is unsupported
   */
  public static HuggingFaceCheckpoint open(Path directory) throws IOException {
    LlamaConfigReader reader = new LlamaConfigReader(required(directory.resolve("config.json")));
    Path generationConfig = directory.resolve("generation_config.json");
    SpecialTokens specialTokens =
        reader.specialTokens(
            Files.exists(generationConfig) ? required(generationConfig) : JSON.createObjectNode());
    LlamaConfig config = reader.read();
    Arena arena = Arena.ofShared();
    try {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (Path file : weightFiles(directory)) {
        tensors.putAll(SafetensorsFile.map(file, arena));
      }
      return new HuggingFaceCheckpoint(directory, config, specialTokens, arena, tensors);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public LlamaConfig config() {
    return config;
  }

  @Override
  public SpecialTokens specialTokens() {
    return specialTokens;
  }

  @Override
  public Matrix matrix(String name, int rows, int columns) {
    StoredTensor tensor = tensor(name, List.of((long) rows, (long) columns));
    return new StoredMatrix(tensor, rows, columns);
  }

  @Override
  public float[] vector(String name, int length) {
    float[] vector = new float[length];
    tensor(name, List.of((long) length)).read(0, vector, length);
    return vector;
  }

  @Override
  public void writeTokenizer(Path target) throws IOException {
    if (!Files.exists(directory.resolve("tokenizer.json"))) {
      throw new CheckpointException(directory + " has no tokenizer.json");
    }
    for (String file : TOKENIZER_FILES) {
      if (Files.exists(directory.resolve(file))) {
        Files.copy(
            directory.resolve(file), target.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.deleteIfExists(target.resolve(file));
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  private StoredTensor tensor(String name, List<Long> shape) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException(
          "tensor %s is missing (or not F32, F16 or BF16) in %s".formatted(name, directory));
    }
    if (!tensor.shape().equals(shape)) {
      throw new CheckpointException(
          "tensor %s has shape %s, config.json asks for %s".formatted(name, tensor.shape(), shape));
    }
    return tensor;
  }

  private static Set<Path> weightFiles(Path directory) throws IOException {
    Path single = directory.resolve("model.safetensors");
    if (Files.exists(single)) {
      return Set.of(single);
    }
    Path index = directory.resolve("model.safetensors.index.json");
    if (!Files.exists(index)) {
      throw new CheckpointException(
          directory + " has neither model.safetensors nor model.safetensors.index.json");
    }
    Set<Path> files = new LinkedHashSet<>();
    for (JsonNode file : required(index).path("weight_map")) {
      Path path = directory.resolve(file.asText());
      if (!Files.exists(path)) {
        throw new CheckpointException(index + " names " + file.asText() + ", which is missing");
      }
      files.add(path);
    }
    return files;
  }

  private static JsonNode required(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new CheckpointException(path + " is missing");
    }
    try {
      return JSON.readTree(path.toFile());
    } catch (JsonProcessingException e) {
      throw new CheckpointException(path + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private record StoredMatrix(StoredTensor tensor, int rows, int columns) implements Matrix {

    @Override
    public void readRow(int row, float[] target) {
      tensor.read((long) row * columns, target, columns);
    }
  }
}
