package io.millrace.runtime.export.onnx;

import java.nio.ByteBuffer;

/** How a tensor stores floating-point numbers; conversions round to the nearest, ties to even. */
public enum FloatFormat {
  FLOAT32(ElementType.FLOAT) {
    @Override
    public void put(ByteBuffer target, float value) {
      target.putFloat(value);
    }
  },
  FLOAT16(ElementType.FLOAT16) {
    @Override
    public void put(ByteBuffer target, float value) {
      target.putShort(Float.floatToFloat16(value));
    }
  },
  /** The upper half of a 32-bit float. */
  BFLOAT16(ElementType.BFLOAT16) {
    @Override
    public void put(ByteBuffer target, float value) {
      target.putShort(upperHalf(value));
    }
  };

  /** Makes any NaN a quiet one: its lower half, which alone may say that it is one, goes away. */
  private static final int QUIET_BIT = 0x40;

  private static final int JUST_BELOW_HALF = 0x7FFF;

  private final ElementType elementType;

  FloatFormat(ElementType elementType) {
    this.elementType = elementType;
  }

  public ElementType elementType() {
    return elementType;
  }

  /** Appends a number to a little-endian buffer. */
  public abstract void put(ByteBuffer target, float value);

  private static short upperHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int upper = bits >>> Short.SIZE;
    return (short)
        (Float.isNaN(value)
            ? upper | QUIET_BIT
            : (bits + JUST_BELOW_HALF + (upper & 1)) >>> Short.SIZE);
  }
}
