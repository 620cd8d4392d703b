package io.millrace.runtime.attention;

import java.lang.foreign.MemorySegment;

/**
 * One layer's attention in one step: so many new tokens of each row, after those that the row has
 * in the cache. All tensors are of 32-bit floats but the cache, which is in half precision.
 *
 * @param queries of the new tokens, {@code [rows * tokens, …]}, not rotated yet
 * @param newKeys as the queries
 * @param newValues as the queries
 * @param rotations for every position
 * @param keys the cache, {@code [rows, kv_heads, capacity, head_dim]}; those of the new tokens are
 *     written there first. Rows may be the same memory
 * @param values as the keys
 * @param output {@code [rows, tokens, heads * head_dim]}
 * @param pasts tokens that each row has in the cache
 * @param tokens new ones of each row
 * @param capacity positions of each row
 */
@SuppressWarnings("ArrayRecordComponent") // made for a step, never compared
public record AttentionCall(
    Projection queries,
    Projection newKeys,
    Projection newValues,
    RotaryTables rotations,
    MemorySegment keys,
    MemorySegment values,
    MemorySegment output,
    int[] pasts,
    int tokens,
    int capacity) {

  /** How many rows there are. */
  int rows() {
    return pasts.length;
  }
}
