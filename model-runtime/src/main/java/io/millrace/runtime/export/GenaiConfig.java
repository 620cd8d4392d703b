package io.millrace.runtime.export;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.SpecialTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes {@code genai_config.json}, the description of a model in ONNX Runtime GenAI's form. */
final class GenaiConfig {

  private static final ObjectMapper JSON = new ObjectMapper();

  private GenaiConfig() {}

  /**
   * Writes the file.
   *
   * @param positions whether the graph takes positions instead of a mask
   */
  static void write(Path path, Checkpoint checkpoint, int contextLength, boolean positions)
      throws IOException {
    LlamaConfig config = checkpoint.config();
    SpecialTokens tokens = checkpoint.specialTokens();
    ObjectNode root = JSON.createObjectNode();
    ObjectNode model = root.putObject("model");
    tokens.beginningOfSequence().ifPresent(token -> model.put("bos_token_id", token));
    model.put("context_length", contextLength);
    decoder(model.putObject("decoder"), config, positions ? "position_ids" : "attention_mask");
    if (tokens.endOfSequence().size() == 1) {
      model.put("eos_token_id", tokens.endOfSequence().getFirst());
    } else {
      tokens.endOfSequence().forEach(model.withArrayProperty("eos_token_id")::add);
    }
    model.put("pad_token_id", tokens.padding());
    model.put("type", config.architecture().modelType());
    model.put("vocab_size", config.vocabularySize());
    ObjectNode search = root.putObject("search");
    search.put("max_length", contextLength);
    search.put("past_present_share_buffer", true);
    Files.writeString(path, JSON.writer(prettyPrinter()).writeValueAsString(root) + "\n");
  }

  private static void decoder(ObjectNode decoder, LlamaConfig config, String lengths) {
    decoder.putObject("session_options").putArray("provider_options");
    decoder.put("filename", "model.onnx");
    decoder.put("head_size", config.headSize());
    decoder.put("hidden_size", config.hiddenSize());
    decoder
        .putObject("inputs")
        .put("input_ids", "input_ids")
        .put(lengths, lengths)
        .put("past_key_names", "past_key_values.%d.key")
        .put("past_value_names", "past_key_values.%d.value");
    decoder
        .putObject("outputs")
        .put("logits", "logits")
        .put("present_key_names", "present.%d.key")
        .put("present_value_names", "present.%d.value");
    decoder.put("num_attention_heads", config.attentionHeads());
    decoder.put("num_hidden_layers", config.layers());
    decoder.put("num_key_value_heads", config.keyValueHeads());
  }

  /** Line ends are the same on every platform. */
  private static DefaultPrettyPrinter prettyPrinter() {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    return new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
  }
}
