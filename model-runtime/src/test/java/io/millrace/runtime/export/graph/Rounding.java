package io.millrace.runtime.export.graph;

import java.util.function.UnaryOperator;

/** What a precision does to the numbers of a row, from its definition. */
interface Rounding {

  /** The weights of one output feature. */
  double[] weights(double[] row);

  /** One token's input of a product. */
  double[] activations(double[] row);

  /** Nothing. */
  Rounding EXACT = of(row -> row, row -> row, 1);

  /** One scale for a row, ±127 steps, of weights and activations alike. */
  Rounding PER_TOKEN_INT8 = of(Rounding::symmetric, Rounding::symmetric, Integer.MAX_VALUE);

  /**
   * One scale for 32 weights. The product rounds its input to 8 bits too, with one scale for 32 of
   * them (MatMulNBits, accuracy level 4).
   */
  static Rounding blocks(int bits) {
    return of(block -> towardsLargest(block, bits), Rounding::symmetric, 32);
  }

  private static Rounding of(
      UnaryOperator<double[]> weights, UnaryOperator<double[]> activations, int block) {
    return new Rounding() {
      @Override
      public double[] weights(double[] row) {
        return inBlocks(row, block, weights);
      }

      @Override
      public double[] activations(double[] row) {
        return inBlocks(row, block, activations);
      }
    };
  }

  private static double[] inBlocks(double[] row, int block, UnaryOperator<double[]> rounding) {
    double[] rounded = new double[row.length];
    int size = Math.min(block, row.length);
    for (int start = 0; start < row.length; start += size) {
      int length = Math.min(size, row.length - start);
      double[] part = new double[length];
      System.arraycopy(row, start, part, 0, length);
      System.arraycopy(rounding.apply(part), 0, rounded, start, length);
    }
    return rounded;
  }

  private static double[] symmetric(double[] block) {
    double scale = largest(block) / 127;
    double[] rounded = new double[block.length];
    for (int i = 0; i < block.length; i++) {
      rounded[i] = scale == 0 ? 0 : Math.rint(block[i] / scale) * scale;
    }
    return rounded;
  }

  /** The value of largest magnitude becomes -2^(bits - 1) steps. */
  private static double[] towardsLargest(double[] block, int bits) {
    double extreme = 0;
    for (double value : block) {
      extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
    }
    double steps = 1 << (bits - 1);
    double scale = -extreme / steps;
    double[] rounded = new double[block.length];
    for (int i = 0; i < block.length; i++) {
      rounded[i] =
          scale == 0 ? 0 : Math.clamp(Math.rint(block[i] / scale), -steps, steps - 1) * scale;
    }
    return rounded;
  }

  private static double largest(double[] block) {
    double largest = 0;
    for (double value : block) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
