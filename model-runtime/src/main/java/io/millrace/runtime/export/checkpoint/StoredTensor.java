package io.millrace.runtime.export.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor in a mapped safetensors file.
 *
 * @param type of the elements
 * @param shape length of each dimension
 * @param content the elements in row-major order
 */
record StoredTensor(StoredType type, List<Long> shape, MemorySegment content) {

  /** Reads consecutive elements, counted from the tensor's first. */
  void read(long firstElement, float[] target, int count) {
    for (int i = 0; i < count; i++) {
      target[i] = type.read(content, (firstElement + i) * type.bytes());
    }
  }
}
