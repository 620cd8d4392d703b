package io.millrace.runtime.export.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Reads Hugging Face's {@code config.json}, and refuses what the graph would get wrong. */
final class LlamaConfigReader {

  private static final double DEFAULT_ROPE_THETA = 10_000;

  private final JsonNode config;

  LlamaConfigReader(JsonNode config) {
    this.config = config;
  }

  LlamaConfig read() {
    Architecture architecture = architecture();
    require("hidden_act", "silu", config.path("hidden_act").asText("silu"));
    refuseIfTrue("mlp_bias");
    refuseIfTrue("use_sliding_window");
    if (architecture == Architecture.MISTRAL && config.hasNonNull("sliding_window")) {
      throw new CheckpointException(
          "unsupported: sliding_window is " + config.path("sliding_window").asText());
    }
    if (config.hasNonNull("quantization_config")) {
      throw new CheckpointException(
          "the weights are already quantized (quantization_config); export the original weights");
    }
    int hiddenSize = integer("hidden_size");
    int heads = integer("num_attention_heads");
    int keyValueHeads = config.path("num_key_value_heads").asInt(heads);
    int headSize = config.path("head_dim").asInt(hiddenSize / heads);
    if (heads % keyValueHeads != 0 || headSize % 2 != 0) {
      throw new CheckpointException(
          "%d attention heads over %d key-value heads of size %d do not divide evenly"
              .formatted(heads, keyValueHeads, headSize));
    }
    boolean attentionBias = config.path("attention_bias").asBoolean(false);
    return new LlamaConfig(
        architecture,
        hiddenSize,
        integer("intermediate_size"),
        integer("num_hidden_layers"),
        heads,
        keyValueHeads,
        headSize,
        integer("vocab_size"),
        integer("max_position_embeddings"),
        (float) number(config, "rms_norm_eps"),
        rotaryEmbedding(),
        config.path("tie_word_embeddings").asBoolean(false),
        attentionBias || architecture == Architecture.QWEN2,
        attentionBias);
  }

  /**
   * Reads the special tokens.
   *
   * @param generationConfig {@code generation_config.json}, which wins, or an empty object
   */
  SpecialTokens specialTokens(JsonNode generationConfig) {
    JsonNode end = first(generationConfig, "eos_token_id");
    List<Integer> endTokens = new ArrayList<>();
    if (end.isArray()) {
      end.forEach(token -> endTokens.add(token.asInt()));
    } else if (end.isInt()) {
      endTokens.add(end.asInt());
    }
    if (endTokens.isEmpty()) {
      throw new CheckpointException(
          "neither generation_config.json nor config.json has an eos_token_id");
    }
    JsonNode beginning = first(generationConfig, "bos_token_id");
    return new SpecialTokens(
        beginning.isInt() ? OptionalInt.of(beginning.asInt()) : OptionalInt.empty(),
        endTokens,
        first(generationConfig, "pad_token_id").asInt(endTokens.getFirst()));
  }

  private Architecture architecture() {
    String className = config.path("architectures").path(0).asText("");
    for (Architecture architecture : Architecture.values()) {
      if (architecture.className().equals(className)) {
        return architecture;
      }
    }
    throw new CheckpointException(
        "unsupported architecture '%s'; supported are %s"
            .formatted(
                className,
                Arrays.stream(Architecture.values())
                    .map(Architecture::className)
                    .collect(Collectors.joining(", "))));
  }

  /** Reads {@code rope_theta} and {@code rope_scaling}, or {@code rope_parameters}, their heir. */
  private RotaryEmbedding rotaryEmbedding() {
    JsonNode parameters = config.path("rope_parameters");
    JsonNode scaling = parameters.isObject() ? parameters : config.path("rope_scaling");
    if (config.path("partial_rotary_factor").asDouble(1) != 1
        || parameters.path("partial_rotary_factor").asDouble(1) != 1) {
      throw new CheckpointException("unsupported partial_rotary_factor: only 1 is");
    }
    double theta =
        parameters
            .path("rope_theta")
            .asDouble(config.path("rope_theta").asDouble(DEFAULT_ROPE_THETA));
    return new RotaryEmbedding(theta, scaling(scaling));
  }

  private static RotaryEmbedding.Scaling scaling(JsonNode scaling) {
    String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
    return switch (type) {
      case "default" -> new RotaryEmbedding.Scaling.None();
      case "linear" -> new RotaryEmbedding.Scaling.Linear(number(scaling, "factor"));
      case "llama3" ->
          new RotaryEmbedding.Scaling.Llama3(
              number(scaling, "factor"),
              number(scaling, "low_freq_factor"),
              number(scaling, "high_freq_factor"),
              (int) number(scaling, "original_max_position_embeddings"));
      default ->
          throw new CheckpointException(
              "unsupported rope scaling '%s'; supported are default, linear, llama3"
                  .formatted(type));
    };
  }

  private JsonNode first(JsonNode generationConfig, String key) {
    return generationConfig.hasNonNull(key) ? generationConfig.path(key) : config.path(key);
  }

  private int integer(String key) {
    JsonNode value = config.path(key);
    if (!value.isInt() || value.asInt() < 1) {
      throw new CheckpointException("config.json needs a positive whole number for " + key);
    }
    return value.asInt();
  }

  private static double number(JsonNode object, String key) {
    if (!object.path(key).isNumber()) {
      throw new CheckpointException("config.json needs a number for " + key);
    }
    return object.path(key).asDouble();
  }

  private static void require(String key, String wanted, String found) {
    if (!wanted.equals(found)) {
      throw new CheckpointException(
          "unsupported %s '%s': only %s is".formatted(key, found, wanted));
    }
  }

  private void refuseIfTrue(String key) {
    if (config.path(key).asBoolean(false)) {
      throw new CheckpointException("unsupported: %s is true".formatted(key));
    }
  }
}
