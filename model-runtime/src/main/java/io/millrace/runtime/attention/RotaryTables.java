package io.millrace.runtime.attention;

import java.lang.foreign.MemorySegment;

/**
 * Cosines and sines of rotary position embeddings (<a
 * href="https://arxiv.org/abs/2104.09864">RoFormer</a>), of vectors whose second half is rotated
 * against the first.
 *
 * @param cosines {@code [positions, head size / 2]}, 32-bit floats
 * @param sines as many
 */
public record RotaryTables(MemorySegment cosines, MemorySegment sines) {}
