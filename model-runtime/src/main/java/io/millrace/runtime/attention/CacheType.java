package io.millrace.runtime.attention;

/** How the numbers of keys and values are kept in the cache. Computed is in 32 bits always. */
public enum CacheType {
  /** IEEE 754 half precision: half the memory, and half of it to read in a step. */
  FLOAT16(Short.BYTES),
  FLOAT32(Float.BYTES);

  private final int bytes;

  CacheType(int bytes) {
    this.bytes = bytes;
  }

  /** Of one number. */
  public int bytes() {
    return bytes;
  }
}
