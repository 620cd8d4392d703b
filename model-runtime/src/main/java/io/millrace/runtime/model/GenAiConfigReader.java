package io.millrace.runtime.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code genai_config.json}; every complaint names the file and the key. */
final class GenAiConfigReader {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final JsonNode root;

  private GenAiConfigReader(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static GenAiConfig read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw ModelException.in(
          file, "missing; a model directory follows the ONNX Runtime GenAI convention");
    }
    try {
      return new GenAiConfigReader(file, JSON.readTree(Files.readString(file))).config();
    } catch (JsonProcessingException failure) {
      throw new ModelException(file + ": not JSON: " + failure.getOriginalMessage(), failure);
    } catch (IOException failure) {
      throw new ModelException(file + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  private GenAiConfig config() {
    if (at("model.decoder.sliding_window").isObject()) {
      throw ModelException.in(file, "model.decoder.sliding_window is not supported");
    }
    if (at("model.decoder.pipeline").isArray()) {
      throw ModelException.in(
          file, "model.decoder.pipeline is not supported: the decoder must be one graph");
    }
    return new GenAiConfig(
        text("model.type"),
        positive("model.context_length"),
        positive("model.vocab_size"),
        endTokens(),
        text("model.decoder.filename"),
        positive("model.decoder.num_hidden_layers"),
        positive("model.decoder.num_key_value_heads"),
        positive("model.decoder.head_size"),
        sessionEntries(),
        names());
  }

  private TensorNames names() {
    return new TensorNames(
        textOr("model.decoder.inputs.input_ids", "input_ids"),
        Optional.of(textOr("model.decoder.inputs.attention_mask", "attention_mask")),
        Optional.of(at("model.decoder.inputs.position_ids"))
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue),
        template("model.decoder.inputs.past_key_names", "past_key_values.%d.key"),
        template("model.decoder.inputs.past_value_names", "past_key_values.%d.value"),
        textOr("model.decoder.outputs.logits", "logits"),
        template("model.decoder.outputs.present_key_names", "present.%d.key"),
        template("model.decoder.outputs.present_value_names", "present.%d.value"));
  }

  private Map<String, String> sessionEntries() {
    Map<String, String> entries = new HashMap<>();
    for (var option : at("model.decoder.session_options").properties()) {
      if (option.getKey().contains(".") && option.getValue().isValueNode()) {
        entries.put(option.getKey(), option.getValue().asText());
      }
    }
    return entries;
  }

  private Set<Integer> endTokens() {
    var key = "model.eos_token_id";
    var node = at(key);
    Set<Integer> tokens = new LinkedHashSet<>();
    if (node.isArray()) {
      node.forEach(token -> tokens.add(tokenId(key, token)));
    } else {
      tokens.add(tokenId(key, node));
    }
    if (tokens.isEmpty()) {
      throw ModelException.in(file, key + " is an empty list: a completion would never end");
    }
    return tokens;
  }

  private int tokenId(String key, JsonNode node) {
    if (!node.canConvertToInt() || !node.isIntegralNumber() || node.intValue() < 0) {
      throw ModelException.in(file, key + " must be a token id or a list of them" + found(node));
    }
    return node.intValue();
  }

  private JsonNode at(String key) {
    return root.at("/" + key.replace('.', '/'));
  }

  private String text(String key) {
    var node = at(key);
    if (!node.isTextual() || node.textValue().isBlank()) {
      throw ModelException.in(file, key + " must be a string" + found(node));
    }
    return node.textValue();
  }

  private String textOr(String key, String otherwise) {
    return at(key).isMissingNode() ? otherwise : text(key);
  }

  private String template(String key, String otherwise) {
    var template = textOr(key, otherwise);
    if (!template.contains("%d")) {
      throw ModelException.in(file, key + " must have %d where the layer stands: " + template);
    }
    return template;
  }

  private int positive(String key) {
    var node = at(key);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw ModelException.in(file, key + " must be an integer from 1 up" + found(node));
    }
    return node.intValue();
  }

  private static String found(JsonNode node) {
    return node.isMissingNode() ? "; it is missing" : "; it is " + node;
  }
}
