package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.nio.ByteBuffer;

/**
 * A matrix rounded to unsigned 4 or 8 bits, symmetric about the middle, with one scale per block of
 * consecutive weights of a row, as MatMulNBits reads it: weight ≈ (value - 2^(bits - 1)) · scale.
 */
final class BlockQuantizedMatrix {

  /** Weights that share a scale. */
  static final int BLOCK = 32;

  private final int rows;
  private final int columns;
  private final int bits;
  private final ByteBuffer values;
  private final float[] scales;

  private BlockQuantizedMatrix(int rows, int columns, int bits, ByteBuffer values, float[] scales) {
    this.rows = rows;
    this.columns = columns;
    this.bits = bits;
    this.values = values;
    this.scales = scales;
  }

  /**
   * Rounds a matrix.
   *
   * @param bits 4 or 8
   */
  static BlockQuantizedMatrix of(Matrix matrix, int bits) {
    int blocks = Math.ceilDiv(matrix.columns(), BLOCK);
    ByteBuffer values = OnnxGraph.littleEndian((long) matrix.rows() * blocks * BLOCK * bits / 8);
    float[] scales = new float[matrix.rows() * blocks];
    float[] row = new float[blocks * BLOCK];
    int[] quantized = new int[BLOCK];
    for (int i = 0; i < matrix.rows(); i++) {
      matrix.readRow(i, row);
      for (int block = 0; block < blocks; block++) {
        scales[i * blocks + block] = quantize(row, block * BLOCK, bits, quantized);
        pack(quantized, bits, values);
      }
    }
    return new BlockQuantizedMatrix(matrix.rows(), matrix.columns(), bits, values.flip(), scales);
  }

  /**
   * {@code [rows, blocks, bytes of a block]}; of two 4-bit values in a byte the first has the low
   * bits. Blocks that reach beyond the columns are filled with zeros.
   */
  ByteBuffer values() {
    return values;
  }

  /** {@code [rows, blocks]}. */
  float[] scales() {
    return scales;
  }

  /** The shape that MatMulNBits wants. */
  static long[] shape(int rows, int columns, int bits) {
    return new long[] {rows, Math.ceilDiv(columns, BLOCK), BLOCK * bits / 8};
  }

  /** The shape that GatherBlockQuantized wants. */
  long[] tableShape() {
    return new long[] {rows, (long) Math.ceilDiv(columns, BLOCK) * BLOCK * bits / 8};
  }

  long[] scaleShape() {
    return new long[] {rows, Math.ceilDiv(columns, BLOCK)};
  }

  /**
   * Rounds one block. The scale is chosen so that the weight of the largest magnitude lands on the
   * end of the range that has one step more, the negative one: with 4 bits that step counts.
   */
  private static float quantize(float[] row, int start, int bits, int[] quantized) {
    float extreme = 0;
    for (int k = start; k < start + BLOCK; k++) {
      extreme = Math.abs(row[k]) > Math.abs(extreme) ? row[k] : extreme;
    }
    int middle = 1 << (bits - 1);
    float scale = -extreme / middle;
    for (int k = 0; k < BLOCK; k++) {
      int steps = scale == 0 ? 0 : (int) Math.rint(row[start + k] / scale);
      quantized[k] = Math.clamp(steps + middle, 0, 2 * middle - 1);
    }
    return scale;
  }

  private static void pack(int[] quantized, int bits, ByteBuffer target) {
    if (bits == Byte.SIZE) {
      for (int value : quantized) {
        target.put((byte) value);
      }
      return;
    }
    for (int k = 0; k < quantized.length; k += 2) {
      target.put((byte) (quantized[k] | quantized[k + 1] << 4));
    }
  }
}
