package io.millrace.runtime.export.onnx;

import java.util.List;

/**
 * The operators that a graph may use, and the IR version that came with them (<a
 * href="https://github.com/onnx/onnx/blob/main/docs/Versioning.md">Versioning.md</a>).
 */
public enum OperatorSets {
  /** Opset 21, which has QuantizeLinear with blocks, and ONNX Runtime's own operators. */
  STANDARD_21_AND_MICROSOFT(10, 21),
  /** The same, and Millrace's own operators. */
  STANDARD_21_MICROSOFT_AND_MILLRACE(10, 21),
  /** Opset 24, which has TensorScatter, and nothing else. */
  STANDARD_24(12, 24);

  private final long irVersion;
  private final long standardVersion;

  OperatorSets(long irVersion, long standardVersion) {
    this.irVersion = irVersion;
    this.standardVersion = standardVersion;
  }

  long irVersion() {
    return irVersion;
  }

  long standardVersion() {
    return standardVersion;
  }

  /** Domains of operators that are not standard ONNX, all of version 1. */
  List<String> otherDomains() {
    return switch (this) {
      case STANDARD_21_AND_MICROSOFT -> List.of(OnnxGraph.MICROSOFT_DOMAIN);
      case STANDARD_21_MICROSOFT_AND_MILLRACE ->
          List.of(OnnxGraph.MICROSOFT_DOMAIN, OnnxGraph.MILLRACE_DOMAIN);
      case STANDARD_24 -> List.of();
    };
  }
}
