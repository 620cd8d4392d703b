package io.millrace.runtime.model;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code genai_config.json} says of a decoder: the part of the ONNX Runtime GenAI convention
 * that is needed to run it.
 *
 * @param architecture {@code model.type}
 * @param contextLength {@code model.context_length}: the most tokens of prompt and completion
 * @param vocabularySize {@code model.vocab_size}
 * @param endTokens {@code model.eos_token_id}, one or several; each ends a completion
 * @param graphFile {@code model.decoder.filename}
 * @param layers {@code model.decoder.num_hidden_layers}
 * @param keyValueHeads {@code model.decoder.num_key_value_heads}
 * @param headSize {@code model.decoder.head_size}
 * @param sessionEntries those of {@code model.decoder.session_options} that are configuration
 *     entries of ONNX Runtime's own (their keys have a dot), such as {@code
 *     session.x64quantprecision}
 * @param names of the graph's inputs and outputs
 */
public record GenAiConfig(
    String architecture,
    int contextLength,
    int vocabularySize,
    Set<Integer> endTokens,
    String graphFile,
    int layers,
    int keyValueHeads,
    int headSize,
    Map<String, String> sessionEntries,
    TensorNames names) {

  public GenAiConfig {
    endTokens = Set.copyOf(endTokens);
    sessionEntries = Map.copyOf(sessionEntries);
  }

  /**
   * Names of the graph's inputs and outputs; {@code %d} in a name stands for the layer.
   *
   * @param attentionMask absent if the graph takes no such input
   * @param positionIds absent if the graph takes no such input
   */
  public record TensorNames(
      String inputIds,
      Optional<String> attentionMask,
      Optional<String> positionIds,
      String pastKey,
      String pastValue,
      String logits,
      String presentKey,
      String presentValue) {

    /** The name that a template has for one layer. */
    public static String ofLayer(String template, int layer) {
      return template.replace("%d", Integer.toString(layer));
    }
  }
}
