package io.millrace.runtime.export.onnx;

/**
 * The operators that a graph may use, and the IR version that came with them (<a
 * href="https://github.com/onnx/onnx/blob/main/docs/Versioning.md">Versioning.md</a>).
 */
public enum OperatorSets {
  /** Opset 21, which has QuantizeLinear with blocks, and ONNX Runtime's own operators. */
  STANDARD_21_AND_MICROSOFT(10, 21, true),
  /** Opset 24, which has TensorScatter, and nothing else. */
  STANDARD_24(12, 24, false);

  private final long irVersion;
  private final long standardVersion;
  private final boolean microsoft;

  OperatorSets(long irVersion, long standardVersion, boolean microsoft) {
    this.irVersion = irVersion;
    this.standardVersion = standardVersion;
    this.microsoft = microsoft;
  }

  long irVersion() {
    return irVersion;
  }

  long standardVersion() {
    return standardVersion;
  }

  /** Whether the operators of {@link OnnxGraph#MICROSOFT_DOMAIN} are among them. */
  boolean microsoft() {
    return microsoft;
  }
}
