package io.millrace.runtime.model;

/**
 * What events and operators are told of a loaded model.
 *
 * @param name what prompts call it: the name of its directory unless configured otherwise
 * @param hash SHA-256 over the files of the model directory, in hexadecimal
 * @param architecture {@code model.type} of {@code genai_config.json}, such as {@code llama}
 * @param contextLength the most tokens of prompt and completion together
 * @param vocabularySize number of token ids
 * @param provider {@code cpu}, {@code cuda} or {@code tensorrt}
 * @param engineVersion version of Millrace and of ONNX Runtime, as {@code millrace/0.1.0
 *     onnxruntime/1.29.0}
 */
public record ModelInfo(
    String name,
    String hash,
    String architecture,
    int contextLength,
    int vocabularySize,
    String provider,
    String engineVersion) {}
