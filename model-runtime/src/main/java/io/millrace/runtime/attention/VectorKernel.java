package io.millrace.runtime.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of attention, for one query at a time.
 *
 * <p>Every operation here is defined to the bit (addition, multiplication, fused multiply-add), and
 * their order for a query depends on its own keys alone. So a token has the same bits whatever
 * other rows and tokens are computed with it, and whether the loops are compiled yet. That rules
 * out {@code reduceLanes} and {@code VectorOperators.EXP}, whose results may differ between
 * compiled and interpreted code.
 */
final class VectorKernel {

  /**
   * Eight numbers: what every x86 processor with AVX2 has. Wider ones gain little: memory bounds.
   */
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;

  static final int LANES = SPECIES.length();

  /** Numbers of a value vector that are summed up together: as many as registers hold. */
  private static final int WIDE = 8 * LANES;

  /** As {@link #WIDE}, for what is left. */
  private static final int NARROW = 2 * LANES;

  /** What a head's size must be a multiple of. */
  static final int SIZE_MULTIPLE = NARROW;

  private static final VectorShuffle<Float> SWAP_FOURS = swap(4);
  private static final VectorShuffle<Float> SWAP_TWOS = swap(2);
  private static final VectorShuffle<Float> SWAP_ONES = swap(1);
  private static final VectorMask<Float> SECOND_FOUR = second(4);
  private static final VectorMask<Float> SECOND_TWO = second(2);
  private static final VectorMask<Float> SECOND_ONE = second(1);

  /** Below, {@code exp} is no normal number. */
  private static final float LEAST_EXPONENT = -87;

  private static final float LOG2_E = 1.442695f;

  /** The natural logarithm of 2 in two parts, the first with few bits (Cody and Waite 1980). */
  private static final float LN2_HIGH = 0.6933594f;

  private static final float LN2_LOW = -0.00021219444f;

  /** Added to a number, it leaves the nearest integer in the last bits: 1.5 times 2 to the 23rd. */
  private static final float ROUNDING = 12_582_912f;

  private static final int MANTISSA_BITS = 23;

  private VectorKernel() {}

  /** Whether this processor has such vectors. */
  static boolean isUsable() {
    return FloatVector.SPECIES_PREFERRED.length() >= LANES;
  }

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> lane ^ distance);
  }

  private static VectorMask<Float> second(int distance) {
    var lanes = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane & distance) != 0;
    }
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  /**
   * Lane pairs of two vectors are added up: those of the first end in the lanes without the mask.
   */
  private static FloatVector fold(
      FloatVector first, FloatVector second, VectorMask<Float> mask, VectorShuffle<Float> shuffle) {
    return first.blend(second, mask).add(second.blend(first, mask).rearrange(shuffle));
  }

  /**
   * Rotates vectors to their position, and multiplies them by a scale.
   *
   * @param vectors one after the other, of which the first begins at {@code from}
   * @param cosines of the position, half as many as a vector has numbers
   */
  static void rotate(
      float[] vectors, int from, int count, int size, float[] cosines, float[] sines, float scale) {
    int half = size / 2;
    for (int vector = 0; vector < count; vector++) {
      int start = from + vector * size;
      for (int index = 0; index < half; index += LANES) {
        var cosine = load(cosines, index).mul(scale);
        var sine = load(sines, index).mul(scale);
        var first = load(vectors, start + index);
        var second = load(vectors, start + half + index);
        first.mul(cosine).sub(second.mul(sine)).intoArray(vectors, start + index);
        second.mul(cosine).add(first.mul(sine)).intoArray(vectors, start + half + index);
      }
    }
  }

  /** Rounds to half precision; compiled to vector instructions. */
  static void toHalves(float[] numbers, short[] halves, int count) {
    for (int index = 0; index < count; index++) {
      halves[index] = Float.floatToFloat16(numbers[index]);
    }
  }

  /** As {@link #toHalves} backwards, exactly. */
  static void fromHalves(short[] halves, float[] numbers, int count) {
    for (int index = 0; index < count; index++) {
      numbers[index] = Float.float16ToFloat(halves[index]);
    }
  }

  /**
   * The products of a query with keys.
   *
   * @param keys one after the other; behind the last one there must be room for as many more as
   *     make their number a multiple of the lanes, whose scores mean nothing
   * @param query where it begins in {@code queries}
   * @param score where the first one is written, in {@code scores}
   */
  static void scores(
      float[] keys, int count, float[] queries, int query, int size, float[] scores, int score) {
    for (int key = 0; key < count; key += LANES) {
      int at0 = key * size;
      int at1 = at0 + size;
      int at2 = at1 + size;
      int at3 = at2 + size;
      int at4 = at3 + size;
      int at5 = at4 + size;
      int at6 = at5 + size;
      int at7 = at6 + size;
      var sum0 = FloatVector.zero(SPECIES);
      var sum1 = sum0;
      var sum2 = sum0;
      var sum3 = sum0;
      var sum4 = sum0;
      var sum5 = sum0;
      var sum6 = sum0;
      var sum7 = sum0;
      for (int index = 0; index < size; index += LANES) {
        var part = load(queries, query + index);
        sum0 = part.fma(load(keys, at0 + index), sum0);
        sum1 = part.fma(load(keys, at1 + index), sum1);
        sum2 = part.fma(load(keys, at2 + index), sum2);
        sum3 = part.fma(load(keys, at3 + index), sum3);
        sum4 = part.fma(load(keys, at4 + index), sum4);
        sum5 = part.fma(load(keys, at5 + index), sum5);
        sum6 = part.fma(load(keys, at6 + index), sum6);
        sum7 = part.fma(load(keys, at7 + index), sum7);
      }
      // Lane i of what remains is the sum of the lanes of sum i.
      var fours04 = fold(sum0, sum4, SECOND_FOUR, SWAP_FOURS);
      var fours15 = fold(sum1, sum5, SECOND_FOUR, SWAP_FOURS);
      var fours26 = fold(sum2, sum6, SECOND_FOUR, SWAP_FOURS);
      var fours37 = fold(sum3, sum7, SECOND_FOUR, SWAP_FOURS);
      var twos0246 = fold(fours04, fours26, SECOND_TWO, SWAP_TWOS);
      var twos1357 = fold(fours15, fours37, SECOND_TWO, SWAP_TWOS);
      fold(twos0246, twos1357, SECOND_ONE, SWAP_ONES).intoArray(scores, score + key);
    }
  }

  private static FloatVector load(float[] numbers, int at) {
    return FloatVector.fromArray(SPECIES, numbers, at);
  }

  /**
   * Makes scores the powers of e that they are exponents of, less the largest.
   *
   * @param room a multiple of the lanes, no less than the count; what is behind the scores is lost
   * @return their sum
   */
  static float exponentials(float[] scores, int score, int count, int room) {
    Arrays.fill(scores, score + count, score + room, Float.NEGATIVE_INFINITY);
    var largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int index = 0; index < count; index += LANES) {
      largest = largest.max(load(scores, score + index));
    }
    largest = largest.max(largest.rearrange(SWAP_FOURS));
    largest = largest.max(largest.rearrange(SWAP_TWOS));
    largest = largest.max(largest.rearrange(SWAP_ONES));
    var sum = FloatVector.zero(SPECIES);
    for (int index = 0; index < count; index += LANES) {
      var power = exponential(load(scores, score + index).sub(largest));
      power.intoArray(scores, score + index);
      sum = sum.add(power);
    }
    sum = sum.add(sum.rearrange(SWAP_FOURS));
    sum = sum.add(sum.rearrange(SWAP_TWOS));
    sum = sum.add(sum.rearrange(SWAP_ONES));
    return sum.lane(0);
  }

  /** Of numbers that are not above 0; an error of 2 units in the last place at most. */
  private static FloatVector exponential(FloatVector exponents) {
    var limited = exponents.max(LEAST_EXPONENT);
    var shifted = limited.fma(LOG2_E, ROUNDING);
    var powerOf2 = shifted.sub(ROUNDING);
    var rest = powerOf2.fma(broadcast(-LN2_HIGH), limited);
    rest = powerOf2.fma(broadcast(-LN2_LOW), rest);
    // The minimax polynomial of Cephes (expf).
    var power = rest.fma(0.00019875691f, 0.0013981999f);
    power = power.fma(rest, broadcast(0.008333452f));
    power = power.fma(rest, broadcast(0.041665796f));
    power = power.fma(rest, broadcast(0.16666666f));
    power = power.fma(rest, broadcast(0.5f));
    power = power.fma(rest.mul(rest), rest).add(1);
    var scaled =
        power
            .reinterpretAsInts()
            .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS));
    return scaled.reinterpretAsFloats();
  }

  private static FloatVector broadcast(float number) {
    return FloatVector.broadcast(SPECIES, number);
  }

  /**
   * Adds values to sums, each times its weight.
   *
   * @param values one after the other
   * @param weight where the first one's is in {@code weights}
   * @param sum where the sums begin in {@code sums}
   */
  static void addValues(
      float[] values, int count, int size, float[] weights, int weight, float[] sums, int sum) {
    int index = 0;
    for (; index + WIDE <= size; index += WIDE) {
      addWide(values, index, count, size, weights, weight, sums, sum + index);
    }
    for (; index < size; index += NARROW) {
      addNarrow(values, index, count, size, weights, weight, sums, sum + index);
    }
  }

  /** Multiplies numbers by a factor; as many as a multiple of the lanes. */
  static void multiply(float[] numbers, int from, int count, float factor) {
    for (int index = from; index < from + count; index += LANES) {
      load(numbers, index).mul(factor).intoArray(numbers, index);
    }
  }

  private static void addWide(
      float[] values,
      int index,
      int count,
      int size,
      float[] weights,
      int weight,
      float[] sums,
      int sum) {
    var sum0 = load(sums, sum);
    var sum1 = load(sums, sum + LANES);
    var sum2 = load(sums, sum + 2 * LANES);
    var sum3 = load(sums, sum + 3 * LANES);
    var sum4 = load(sums, sum + 4 * LANES);
    var sum5 = load(sums, sum + 5 * LANES);
    var sum6 = load(sums, sum + 6 * LANES);
    var sum7 = load(sums, sum + 7 * LANES);
    for (int key = 0; key < count; key++) {
      int at = key * size + index;
      var factor = broadcast(weights[weight + key]);
      sum0 = factor.fma(load(values, at), sum0);
      sum1 = factor.fma(load(values, at + LANES), sum1);
      sum2 = factor.fma(load(values, at + 2 * LANES), sum2);
      sum3 = factor.fma(load(values, at + 3 * LANES), sum3);
      sum4 = factor.fma(load(values, at + 4 * LANES), sum4);
      sum5 = factor.fma(load(values, at + 5 * LANES), sum5);
      sum6 = factor.fma(load(values, at + 6 * LANES), sum6);
      sum7 = factor.fma(load(values, at + 7 * LANES), sum7);
    }
    sum0.intoArray(sums, sum);
    sum1.intoArray(sums, sum + LANES);
    sum2.intoArray(sums, sum + 2 * LANES);
    sum3.intoArray(sums, sum + 3 * LANES);
    sum4.intoArray(sums, sum + 4 * LANES);
    sum5.intoArray(sums, sum + 5 * LANES);
    sum6.intoArray(sums, sum + 6 * LANES);
    sum7.intoArray(sums, sum + 7 * LANES);
  }

  private static void addNarrow(
      float[] values,
      int index,
      int count,
      int size,
      float[] weights,
      int weight,
      float[] sums,
      int sum) {
    var sum0 = load(sums, sum);
    var sum1 = load(sums, sum + LANES);
    for (int key = 0; key < count; key++) {
      int at = key * size + index;
      var factor = broadcast(weights[weight + key]);
      sum0 = factor.fma(load(values, at), sum0);
      sum1 = factor.fma(load(values, at + LANES), sum1);
    }
    sum0.intoArray(sums, sum);
    sum1.intoArray(sums, sum + LANES);
  }
}
