package io.millrace.runtime.export.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How a safetensors file stores the elements of a tensor. */
enum StoredType {
  F32(Float.BYTES) {
    @Override
    float read(MemorySegment file, long offset) {
      return file.get(FLOATS, offset);
    }
  },
  F16(Short.BYTES) {
    @Override
    float read(MemorySegment file, long offset) {
      return Float.float16ToFloat(file.get(SHORTS, offset));
    }
  },
  BF16(Short.BYTES) {
    @Override
    float read(MemorySegment file, long offset) {
      return Float.intBitsToFloat(file.get(SHORTS, offset) << 16);
    }
  };

  private static final ValueLayout.OfFloat FLOATS =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORTS =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int bytes;

  StoredType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element. */
  int bytes() {
    return bytes;
  }

  abstract float read(MemorySegment file, long offset);
}
