package io.millrace.runtime.device;

import java.lang.foreign.MemorySegment;

/**
 * A product of few rows with a large matrix, and what stands before and after it in a decoder.
 *
 * <p>With {@code norm(x) = x / sqrt(mean(x²) + epsilon)} for each row. All numbers are of one type
 * of 16 bits, sums are taken in 32. Segments are of the device's memory, and may be addresses
 * alone.
 *
 * @param input {@code x [rows, inputs]}
 * @param weights {@code w [outputs, inputs]}; for {@link Kind#GATED} {@code [2 · outputs, inputs]},
 *     the gate's before the others
 * @param operand {@code [inputs]}, what the normalized input is multiplied by element by element;
 *     for {@link Kind#ADDED} {@code [rows, outputs]}, what is added
 * @param output {@code [rows, outputs]}
 * @param inputs a multiple of {@value #INPUT_STEP}
 * @param outputs a multiple of {@value #OUTPUT_STEP}
 * @param epsilon of the norm, where there is one
 */
public record RowProduct(
    Kind kind,
    MemorySegment input,
    MemorySegment weights,
    MemorySegment operand,
    MemorySegment output,
    int rows,
    int inputs,
    int outputs,
    float epsilon) {

  /** What the inputs are a multiple of. */
  public static final int INPUT_STEP = 32;

  /** What the outputs are a multiple of. */
  public static final int OUTPUT_STEP = 16;

  /** What is computed. */
  public enum Kind {
    /** {@code (norm(x) · gain) wᵀ}. */
    NORMALIZED,
    /** {@code silu(y₁) · y₂} for both halves of {@code y = (norm(x) · gain) wᵀ}. */
    GATED,
    /** {@code x wᵀ + addend}. */
    ADDED
  }

  /** Rows of the matrix for each output. */
  public int matrices() {
    return kind == Kind.GATED ? 2 : 1;
  }
}
