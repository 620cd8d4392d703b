package io.millrace.runtime.sampling;

/**
 * Random numbers that depend on a seed and a position and on nothing else: a counter-based
 * generator, so there is no state to carry, to lose, or to share between rows.
 *
 * <p>SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014, with Stafford's mix 13), its stream chosen by the mixed seed.
 */
final class RandomSource {

  /** 2^64 divided by the golden ratio, made odd. */
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private RandomSource() {}

  /** Uniform over the multiples of 2^-53 from 0 up to, not including, 1. */
  static double uniform(long seed, int position) {
    long stream = mix(seed + GOLDEN_GAMMA);
    return (mix(stream + (position + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
