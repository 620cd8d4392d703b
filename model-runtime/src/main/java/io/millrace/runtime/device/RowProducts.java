package io.millrace.runtime.device;

import java.lang.foreign.MemorySegment;

/** Computes {@link RowProduct}s on a device. Belongs to it, and to one thread at a time. */
@FunctionalInterface
public interface RowProducts {

  /**
   * Computes a product, or begins to.
   *
   * @param stream of the device, in whose order it is computed; the null pointer on the host
   */
  void multiply(RowProduct product, MemorySegment stream);
}
