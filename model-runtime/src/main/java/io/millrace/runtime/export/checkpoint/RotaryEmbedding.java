package io.millrace.runtime.export.checkpoint;

/**
 * Rotary position embedding: pair {@code i} of a head turns by {@code position · frequency(i)}.
 *
 * @param theta base of the frequencies, {@code rope_theta}
 * @param scaling how the frequencies are stretched for long contexts
 */
public record RotaryEmbedding(double theta, Scaling scaling) {

  /** Changes of the frequencies after training on short contexts. */
  public sealed interface Scaling {

    /** Frequencies as they are. */
    record None() implements Scaling {}

    /** All frequencies divided by the factor. */
    record Linear(double factor) implements Scaling {}

    /**
     * Llama 3: low frequencies divided by the factor, high ones kept, those between interpolated.
     *
     * @param factor divisor of the low frequencies
     * @param lowFrequencyFactor wave lengths above original context / this are low frequencies
     * @param highFrequencyFactor wave lengths below original context / this are high frequencies
     * @param originalContextLength positions that the model was trained on first
     */
    record Llama3(
        double factor,
        double lowFrequencyFactor,
        double highFrequencyFactor,
        int originalContextLength)
        implements Scaling {}
  }

  /** Radians per position for each of the {@code headSize / 2} pairs of a head. */
  public double[] frequencies(int headSize) {
    double[] frequencies = new double[headSize / 2];
    for (int pair = 0; pair < frequencies.length; pair++) {
      frequencies[pair] = scaled(StrictMath.pow(theta, -2.0 * pair / headSize));
    }
    return frequencies;
  }

  private double scaled(double frequency) {
    return switch (scaling) {
      case Scaling.None() -> frequency;
      case Scaling.Linear(var factor) -> frequency / factor;
      case Scaling.Llama3 llama3 -> scaled(frequency, llama3);
    };
  }

  /** The formula of {@code _compute_llama3_parameters} in Hugging Face transformers. */
  private static double scaled(double frequency, Scaling.Llama3 scaling) {
    double turns = scaling.originalContextLength() * frequency / (2 * Math.PI);
    if (turns < scaling.lowFrequencyFactor()) {
      return frequency / scaling.factor();
    }
    if (turns > scaling.highFrequencyFactor()) {
      return frequency;
    }
    double smooth =
        (turns - scaling.lowFrequencyFactor())
            / (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
    return (1 - smooth) * frequency / scaling.factor() + smooth * frequency;
  }
}
