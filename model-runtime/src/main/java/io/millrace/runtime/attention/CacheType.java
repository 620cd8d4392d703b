package io.millrace.runtime.attention;

/** How the numbers of keys and values are kept in the cache. */
public enum CacheType {
  /**
   * As the graph has them, which on the CPU is 32-bit floats; attention is ONNX Runtime's operator.
   */
  MODEL,

  /**
   * IEEE 754 half precision, on the CPU: half the memory, and half of it to read in a step.
   * Attention is {@link CachedAttention}, which computes in 32 bits.
   */
  FLOAT16
}
