package io.millrace.runtime.export.checkpoint;

/** The model families that can be exported. */
public enum Architecture {
  LLAMA("LlamaForCausalLM", "llama"),
  MISTRAL("MistralForCausalLM", "mistral"),
  QWEN2("Qwen2ForCausalLM", "qwen2");

  private final String className;
  private final String modelType;

  Architecture(String className, String modelType) {
    this.className = className;
    this.modelType = modelType;
  }

  /** The entry of {@code architectures} in a checkpoint's {@code config.json}. */
  public String className() {
    return className;
  }

  /** What {@code config.json} and {@code genai_config.json} call the family. */
  public String modelType() {
    return modelType;
  }
}
