package io.millrace.runtime.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class LogitRowProperties {

  /** Few different values, so that ties, both zeros and infinities are frequent. */
  @Provide
  Arbitrary<float[]> rows() {
    return Arbitraries.of(
            -1.5f,
            -0.0f,
            0.0f,
            Float.MIN_VALUE,
            2.5f,
            Float.NEGATIVE_INFINITY,
            -3e38f,
            -Float.MIN_VALUE)
        .array(float[].class)
        .ofMinSize(1)
        .ofMaxSize(3000);
  }

  private static LogitRow row(float[] logits) {
    var row = new LogitRow(logits.length);
    row.set(logits);
    return row;
  }

  @Property(tries = 300)
  void findsTheFirstOfTheLargest(@ForAll("rows") float[] logits) {
    int expected = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[expected]) {
        expected = token;
      }
    }
    if (logits[expected] == Float.NEGATIVE_INFINITY) {
      assertThatThrownBy(() -> row(logits).mostLikely())
          .isInstanceOf(NonFiniteLogitsException.class);
    } else {
      assertThat(row(logits).mostLikely()).isEqualTo(expected);
    }
  }

  @Property(tries = 300)
  void refusesARowWithAnythingThatIsNotANumber(
      @ForAll("rows") float[] logits, @ForAll int place, @ForAll boolean negative) {
    int bits = negative ? 0xffc00001 : 0x7fc00000;
    logits[Math.floorMod(place, logits.length)] = Float.intBitsToFloat(bits);
    assertThatThrownBy(() -> row(logits).mostLikely()).isInstanceOf(NonFiniteLogitsException.class);
  }
}
