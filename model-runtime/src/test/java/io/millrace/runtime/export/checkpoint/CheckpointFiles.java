package io.millrace.runtime.export.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small checkpoint directories in Hugging Face's format. */
final class CheckpointFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Path directory;

  private record Tensor(String type, List<Integer> shape, ByteBuffer content) {}

  CheckpointFiles(Path directory) {
    this.directory = directory;
  }

  /** A {@code config.json} that describes a model of one layer and eight features. */
  static ObjectNode config() {
    ObjectNode config = JSON.createObjectNode();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("hidden_size", 8);
    config.put("intermediate_size", 12);
    config.put("num_hidden_layers", 1);
    config.put("num_attention_heads", 2);
    config.put("num_key_value_heads", 1);
    config.put("vocab_size", 20);
    config.put("max_position_embeddings", 64);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("tie_word_embeddings", true);
    config.put("eos_token_id", 2);
    return config;
  }

  CheckpointFiles withConfig(ObjectNode config) throws IOException {
    JSON.writeValue(directory.resolve("config.json").toFile(), config);
    return this;
  }

  CheckpointFiles with(String name, List<Integer> shape, float... values) {
    ByteBuffer content = buffer(values.length * Float.BYTES);
    content.asFloatBuffer().put(values);
    tensors.put(name, new Tensor("F32", shape, content));
    return this;
  }

  /** A tensor of 16-bit elements, {@code F16} or {@code BF16}, given by their bits. */
  CheckpointFiles withBits(String name, String type, List<Integer> shape, int... bits) {
    ByteBuffer content = buffer(bits.length * Short.BYTES);
    for (int element : bits) {
      content.putShort((short) element);
    }
    tensors.put(name, new Tensor(type, shape, content.flip()));
    return this;
  }

  /** Writes the tensors added so far to a file and forgets them. */
  CheckpointFiles write(String name) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    int position = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode description = header.putObject(entry.getKey());
      description.put("dtype", tensor.type());
      tensor.shape().forEach(description.putArray("shape")::add);
      int end = position + tensor.content().remaining();
      description.putArray("data_offsets").add(position).add(end);
      position = end;
    }
    byte[] headerBytes = JSON.writeValueAsBytes(header);
    byte[] file = new byte[Long.BYTES + headerBytes.length + position];
    ByteBuffer whole = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(headerBytes.length).put(headerBytes);
    tensors.values().forEach(tensor -> whole.put(tensor.content().duplicate()));
    Files.write(directory.resolve(name), file);
    tensors.clear();
    return this;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
