package io.millrace.runtime.export.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.checkpoint.RotaryEmbedding.Scaling;
import org.junit.jupiter.api.Test;

class RotaryEmbeddingTest {

  @Test
  void frequenciesFallFromOneAsPowersOfTheta() {
    double[] frequencies = new RotaryEmbedding(10_000, new Scaling.None()).frequencies(8);

    assertThat(frequencies).containsExactly(new double[] {1, 0.1, 0.01, 0.001}, within(1e-15));
  }

  @Test
  void linearScalingDividesAllOfThem() {
    double[] frequencies = new RotaryEmbedding(10_000, new Scaling.Linear(4)).frequencies(4);

    assertThat(frequencies).containsExactly(new double[] {0.25, 0.0025}, within(1e-15));
  }

  /** A frequency f turns 50 f / 2π times over the 50 positions: here 8.0, 2.5, 0.8 and less. */
  @Test
  void llama3KeepsHighFrequenciesDividesLowOnesAndBlendsBetween() {
    double theta = 1e6;
    double[] plain = new RotaryEmbedding(theta, new Scaling.None()).frequencies(24);
    double[] scaled = new RotaryEmbedding(theta, new Scaling.Llama3(8, 1, 4, 50)).frequencies(24);

    double smooth = (plain[1] * 50 / (2 * Math.PI) - 1) / 3;
    assertThat(scaled[0]).isEqualTo(plain[0]);
    assertThat(scaled[1]).isCloseTo(plain[1] * (smooth + (1 - smooth) / 8), within(1e-15));
    assertThat(scaled[2]).isEqualTo(plain[2] / 8);
  }
}
