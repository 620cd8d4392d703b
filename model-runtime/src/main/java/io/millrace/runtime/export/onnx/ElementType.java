package io.millrace.runtime.export.onnx;

/** Element types of tensors, with the numbers that {@code TensorProto.DataType} gives them. */
public enum ElementType {
  FLOAT(1, 4),
  UINT8(2, 1),
  INT8(3, 1),
  INT32(6, 4),
  INT64(7, 8),
  FLOAT16(10, 2),
  BFLOAT16(16, 2);

  private final int number;
  private final int bytes;

  ElementType(int number, int bytes) {
    this.number = number;
    this.bytes = bytes;
  }

  int number() {
    return number;
  }

  /** Size of one element. */
  public int bytes() {
    return bytes;
  }
}
