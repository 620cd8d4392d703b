package io.millrace.runtime.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against attention written out from its definition, in double precision. */
class CachedAttentionTest {

  /** A key may be rounded to the other neighbour in half precision here than there. */
  private static final float TOLERANCE = 2e-3f;

  private Arena arena;
  private final Random random = new Random(7);

  @BeforeEach
  void needs_vectors() {
    assumeTrue(CachedAttention.supports(16), "this processor has no vectors of 256 bits");
    arena = Arena.ofShared();
  }

  @AfterEach
  void free() {
    if (arena != null) {
      arena.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // heads, of keys and values, size, past, tokens
    "1, 1, 16, 0, 1",
    "4, 2, 16, 0, 9",
    "9, 3, 64, 96, 1",
    "9, 3, 64, 0, 64",
    "9, 3, 64, 100, 70",
    "14, 2, 64, 63, 3",
    "8, 8, 80, 5, 12",
    "4, 1, 96, 129, 2",
    "40, 2, 32, 7, 40",
    "2, 1, 128, 200, 65",
  })
  void computes_what_the_definition_says(
      int queries, int keyValues, int size, int past, int tokens) {
    var heads = new AttentionHeads(queries, keyValues, size, 0.3f);
    var step = step(heads, new int[] {past, 0, past / 2}, tokens);
    step.compute(3);
    for (int row = 0; row < 3; row++) {
      assertThat(largestDifference(step.output(row), step.expected(row)))
          .as("row %d", row)
          .isLessThan(TOLERANCE);
    }
  }

  @Test
  void computes_the_same_bits_in_any_batch_and_on_any_number_of_threads() {
    var heads = new AttentionHeads(9, 3, 64, 0.125f);
    var together = step(heads, new int[] {10, 65, 0, 128}, 1);
    together.compute(5);
    for (int row = 0; row < 4; row++) {
      var alone = together.only(row);
      alone.compute(1);
      assertThat(alone.output(0)).isEqualTo(together.output(row));
    }
  }

  @Test
  void computes_the_same_bits_wherever_a_prompt_is_cut() {
    var heads = new AttentionHeads(6, 2, 32, 0.2f);
    var whole = step(heads, new int[] {0}, 140);
    whole.compute(3);
    for (int cut : new int[] {1, 5, 31, 64, 65, 139}) {
      var parts = whole.cut(cut);
      float[] output = new float[whole.output(0).length];
      parts[0].compute(2);
      System.arraycopy(parts[0].output(0), 0, output, 0, cut * 6 * 32);
      parts[1].compute(4);
      System.arraycopy(parts[1].output(0), 0, output, cut * 6 * 32, (140 - cut) * 6 * 32);
      assertThat(output).as("cut at %d", cut).isEqualTo(whole.output(0));
    }
  }

  @Test
  void one_key_that_outweighs_all_others_is_the_answer() {
    var heads = new AttentionHeads(1, 1, 16, 1);
    var step = step(heads, new int[] {19}, 1);
    step.aim(4, 200);
    step.compute(1);
    assertThat(step.output(0)).containsExactly(step.value(4), within(1e-5f));
  }

  @Test
  void a_key_that_is_no_number_makes_no_number_of_what_sees_it() {
    var heads = new AttentionHeads(2, 1, 16, 1);
    var step = step(heads, new int[] {12}, 1);
    step.breakKey(3);
    step.compute(1);
    for (float number : step.output(0)) {
      assertThat(number).isNaN();
    }
  }

  @Test
  void heads_of_odd_sizes_are_left_to_others() {
    assertThat(CachedAttention.supports(24)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CachedAttention(new AttentionHeads(2, 1, 24, 1)))
        .withMessage("heads of 24 are not supported");
    assertThatIllegalArgumentException().isThrownBy(() -> new AttentionHeads(3, 2, 16, 1));
  }

  private static float largestDifference(float[] some, float[] others) {
    float largest = 0;
    for (int index = 0; index < others.length; index++) {
      largest = Math.max(largest, Math.abs(some[index] - others[index]));
    }
    return largest;
  }

  private AttentionStep step(AttentionHeads heads, int[] pasts, int tokens) {
    return new AttentionStep(arena, random, heads, pasts, tokens);
  }
}
