package io.millrace.runtime.sampling;

/**
 * {@code e^x} for weights relative to the largest one: only additions and multiplications, so that
 * every machine gets the same bits, which {@link Math#exp} does not promise, and several times its
 * speed.
 *
 * <p>{@code e^x = 2^n * 2^(j/64) * e^r} with {@code |r| <= ln 2 / 128}: a table for the second
 * factor (Tang, "Table-driven implementation of the exponential function", ACM TOMS 1989), the
 * Taylor polynomial of degree 4 for the third; its relative error is below 5e-14.
 */
final class Exponential {

  /** ln 2^-53: beside a weight of 1, less than half a unit in the last place. */
  private static final double NEGLIGIBLE = -36.7368005696771;

  private static final int TABLE_SIZE = 64;
  private static final double STEPS_PER_UNIT = TABLE_SIZE / StrictMath.log(2);
  private static final double UNITS_PER_STEP = StrictMath.log(2) / TABLE_SIZE;
  private static final double[] TABLE = new double[TABLE_SIZE];

  static {
    for (int index = 0; index < TABLE_SIZE; index++) {
      TABLE[index] = StrictMath.pow(2, (double) index / TABLE_SIZE);
    }
  }

  private Exponential() {}

  /**
   * @param x 0 or less
   * @return {@code e^x}, or 0 if that is less than 2^-53
   */
  static double ofNonPositive(double x) {
    if (!(x > NEGLIGIBLE)) {
      return 0;
    }
    int steps = (int) (x * STEPS_PER_UNIT - 0.5);
    double r = x - steps * UNITS_PER_STEP;
    double polynomial = 1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24))));
    double power = Double.longBitsToDouble((long) ((steps >> 6) + 1023) << 52);
    return power * TABLE[steps & (TABLE_SIZE - 1)] * polynomial;
  }
}
