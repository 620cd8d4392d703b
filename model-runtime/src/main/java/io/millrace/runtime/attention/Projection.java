package io.millrace.runtime.attention;

import java.lang.foreign.MemorySegment;

/**
 * Queries, keys or values of the new tokens, as the matrix before made them: 32-bit floats {@code
 * [tokens, …]}, of which a token's own are a part.
 *
 * @param content the whole tensor
 * @param from where in a token's numbers these begin
 * @param distance from one token's numbers to the next one's
 */
public record Projection(MemorySegment content, int from, int distance) {

  /** Where a vector of a token begins, in bytes. */
  long at(int token, int head, int size) {
    return ((long) token * distance + from + (long) head * size) * Float.BYTES;
  }
}
