package io.millrace.runtime.device;

/** The formats of floating-point numbers that models compute in. */
public enum FloatType {
  FLOAT32(4),
  FLOAT16(2),
  BFLOAT16(2);

  private final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  /** Of one number. */
  public int bytes() {
    return bytes;
  }
}
