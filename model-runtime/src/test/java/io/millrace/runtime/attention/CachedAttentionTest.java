package io.millrace.runtime.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against attention written out from its definition, in double precision. */
class CachedAttentionTest {

  private static final int CAPACITY = 300;

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
    var step = new Step(heads, new int[] {past, 0, past / 2}, tokens);
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
    var together = new Step(heads, new int[] {10, 65, 0, 128}, 1);
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
    var whole = new Step(heads, new int[] {0}, 140);
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
    var step = new Step(heads, new int[] {19}, 1);
    step.aim(4, 200);
    step.compute(1);
    assertThat(step.output(0)).containsExactly(step.value(4), within(1e-5f));
  }

  @Test
  void a_key_that_is_no_number_makes_no_number_of_what_sees_it() {
    var heads = new AttentionHeads(2, 1, 16, 1);
    var step = new Step(heads, new int[] {12}, 1);
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

  private static void await(Future<?> task) {
    try {
      task.get();
    } catch (InterruptedException | ExecutionException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private MemorySegment floats(long count) {
    return arena.allocate(count * Float.BYTES, 64);
  }

  private MemorySegment cache(int rows, AttentionHeads heads) {
    return arena.allocate(
        (long) rows * heads.keyValues() * CAPACITY * heads.size() * Short.BYTES, 64);
  }

  /** Random queries, keys and values; queries, keys and values of a token lie side by side. */
  private final class Step {

    private final AttentionHeads heads;
    private final int[] pasts;
    private final int tokens;
    private final MemorySegment packed;
    private final MemorySegment cosines;
    private final MemorySegment sines;
    private final MemorySegment keys;
    private final MemorySegment values;
    private final MemorySegment output;

    Step(AttentionHeads heads, int[] pasts, int tokens) {
      this(
          heads,
          pasts,
          tokens,
          floats((long) pasts.length * tokens * width(heads)),
          floats((long) CAPACITY * heads.size() / 2),
          floats((long) CAPACITY * heads.size() / 2),
          cache(pasts.length, heads),
          cache(pasts.length, heads));
      fill(packed);
      for (int index = 0; index < CAPACITY * heads.size() / 2; index++) {
        double angle = random.nextDouble() * 6;
        cosines.setAtIndex(JAVA_FLOAT, index, (float) Math.cos(angle));
        sines.setAtIndex(JAVA_FLOAT, index, (float) Math.sin(angle));
      }
      for (var cache : new MemorySegment[] {keys, values}) {
        for (long index = 0; index < cache.byteSize() / Short.BYTES; index++) {
          cache.setAtIndex(JAVA_SHORT, index, Float.floatToFloat16(random.nextFloat() - 0.5f));
        }
      }
    }

    private Step(
        AttentionHeads heads,
        int[] pasts,
        int tokens,
        MemorySegment packed,
        MemorySegment cosines,
        MemorySegment sines,
        MemorySegment keys,
        MemorySegment values) {
      this.heads = heads;
      this.pasts = pasts;
      this.tokens = tokens;
      this.packed = packed;
      this.cosines = cosines;
      this.sines = sines;
      this.keys = keys;
      this.values = values;
      this.output = floats((long) pasts.length * tokens * heads.queries() * heads.size());
    }

    private static int width(AttentionHeads heads) {
      return (heads.queries() + 2 * heads.keyValues()) * heads.size();
    }

    private void fill(MemorySegment numbers) {
      for (long index = 0; index < numbers.byteSize() / Float.BYTES; index++) {
        numbers.setAtIndex(JAVA_FLOAT, index, random.nextFloat() * 4 - 2);
      }
    }

    /** A row for itself, with a copy of its cache. */
    Step only(int row) {
      long rowBytes = keys.byteSize() / pasts.length;
      long tokenBytes = packed.byteSize() / pasts.length;
      return new Step(
          heads,
          new int[] {pasts[row]},
          tokens,
          packed.asSlice(row * tokenBytes, tokenBytes),
          cosines,
          sines,
          copy(keys.asSlice(row * rowBytes, rowBytes)),
          copy(values.asSlice(row * rowBytes, rowBytes)));
    }

    /** The first tokens, and the others after them, over one cache. */
    Step[] cut(int first) {
      var newKeys = copy(keys);
      var newValues = copy(values);
      long bytes = (long) first * width(heads) * Float.BYTES;
      return new Step[] {
        new Step(
            heads,
            new int[] {0},
            first,
            packed.asSlice(0, bytes),
            cosines,
            sines,
            newKeys,
            newValues),
        new Step(
            heads,
            new int[] {first},
            tokens - first,
            packed.asSlice(bytes),
            cosines,
            sines,
            newKeys,
            newValues)
      };
    }

    private MemorySegment copy(MemorySegment from) {
      return arena.allocate(from.byteSize(), 64).copyFrom(from);
    }

    void compute(int threads) {
      var attention = new CachedAttention(heads);
      int queryWidth = heads.queries() * heads.size();
      int keyWidth = heads.keyValues() * heads.size();
      var call =
          new AttentionCall(
              new Projection(packed, 0, width(heads)),
              new Projection(packed, queryWidth, width(heads)),
              new Projection(packed, queryWidth + keyWidth, width(heads)),
              new RotaryTables(cosines, sines),
              keys,
              values,
              output,
              pasts,
              tokens,
              CAPACITY);
      var step = attention.step(call);
      try (var executor = Executors.newFixedThreadPool(threads)) {
        // No task needs another one's result, so they may come in any order.
        var tasks =
            IntStream.range(0, step.tasks())
                .map(task -> step.tasks() - 1 - task)
                .mapToObj(task -> executor.submit(() -> step.compute(task)))
                .toList();
        tasks.forEach(CachedAttentionTest::await);
      }
    }

    float[] output(int row) {
      long bytes = output.byteSize() / pasts.length;
      return output.asSlice(row * bytes, bytes).toArray(JAVA_FLOAT);
    }

    /**
     * Softmax of the scaled products of a rotated query with all keys up to its own, times values.
     */
    float[] expected(int row) {
      int size = heads.size();
      int group = heads.queries() / heads.keyValues();
      float[] expected = new float[tokens * heads.queries() * size];
      for (int token = 0; token < tokens; token++) {
        for (int head = 0; head < heads.queries(); head++) {
          int position = pasts[row] + token;
          double[] query = rotated(row, token, head * size, position);
          double[] weights = new double[position + 1];
          double sum = 0;
          for (int key = 0; key <= position; key++) {
            double product = 0;
            for (int index = 0; index < size; index++) {
              product += query[index] * cached(keys, row, head / group, key, index);
            }
            weights[key] = Math.exp(product * heads.scale());
            sum += weights[key];
          }
          for (int index = 0; index < size; index++) {
            double value = 0;
            for (int key = 0; key <= position; key++) {
              value += weights[key] * cached(values, row, head / group, key, index);
            }
            expected[(token * heads.queries() + head) * size + index] = (float) (value / sum);
          }
        }
      }
      return expected;
    }

    private double[] rotated(int row, int token, int from, int position) {
      int size = heads.size();
      long start = ((long) row * tokens + token) * width(heads) + from;
      double[] rotated = new double[size];
      for (int index = 0; index < size / 2; index++) {
        double cosine = cosines.getAtIndex(JAVA_FLOAT, (long) position * size / 2 + index);
        double sine = sines.getAtIndex(JAVA_FLOAT, (long) position * size / 2 + index);
        double first = packed.getAtIndex(JAVA_FLOAT, start + index);
        double second = packed.getAtIndex(JAVA_FLOAT, start + size / 2 + index);
        rotated[index] = first * cosine - second * sine;
        rotated[size / 2 + index] = second * cosine + first * sine;
      }
      return rotated;
    }

    /**
     * What is in the cache: of new tokens, what {@link CachedAttention#store} must have written.
     */
    private double cached(MemorySegment cache, int row, int head, int position, int index) {
      int size = heads.size();
      if (position >= pasts[row]) {
        int token = position - pasts[row];
        int from = (heads.queries() + head) * size;
        double number =
            cache.equals(keys)
                ? rotated(row, token, from, position)[index]
                : packed.getAtIndex(
                    JAVA_FLOAT,
                    ((long) row * tokens + token) * width(heads)
                        + from
                        + (long) heads.keyValues() * size
                        + index);
        return Float.float16ToFloat(Float.floatToFloat16((float) number));
      }
      return number(cache, row, head, position, index);
    }

    private double number(MemorySegment cache, int row, int head, int position, int index) {
      long start = ((long) row * heads.keyValues() + head) * CAPACITY * heads.size() * Short.BYTES;
      long at = start + ((long) position * heads.size() + index) * Short.BYTES;
      return Float.float16ToFloat(cache.get(JAVA_SHORT, at));
    }

    /** Makes a key of the first row point to where its query does. */
    void aim(int position, float factor) {
      double[] query = rotated(0, 0, 0, pasts[0]);
      for (int index = 0; index < heads.size(); index++) {
        setKey(position, index, (float) query[index] * factor);
      }
    }

    float[] value(int position) {
      float[] value = new float[heads.size()];
      for (int index = 0; index < value.length; index++) {
        value[index] = (float) number(values, 0, 0, position, index);
      }
      return value;
    }

    void breakKey(int position) {
      setKey(position, 0, Float.NaN);
    }

    private void setKey(int position, int index, float number) {
      keys.setAtIndex(
          JAVA_SHORT, (long) position * heads.size() + index, Float.floatToFloat16(number));
    }
  }
}
