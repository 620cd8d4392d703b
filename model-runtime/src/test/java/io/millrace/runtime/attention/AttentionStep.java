package io.millrace.runtime.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * One step of attention over random queries, keys and values, and what must come of it by the
 * definition. Queries, keys and values of a token lie side by side.
 */
final class AttentionStep {

  private static final int CAPACITY = 300;

  private final Arena arena;
  private final AttentionHeads heads;
  private final int[] pasts;
  private final int tokens;
  private final MemorySegment packed;
  private final MemorySegment cosines;
  private final MemorySegment sines;
  private final MemorySegment keys;
  private final MemorySegment values;
  private final MemorySegment output;

  AttentionStep(Arena arena, Random random, AttentionHeads heads, int[] pasts, int tokens) {
    this(
        arena,
        heads,
        pasts,
        tokens,
        floats(arena, (long) pasts.length * tokens * width(heads)),
        floats(arena, (long) CAPACITY * heads.size() / 2),
        floats(arena, (long) CAPACITY * heads.size() / 2),
        cache(arena, pasts.length, heads),
        cache(arena, pasts.length, heads));
    fill(packed, random);
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

  private AttentionStep(
      Arena arena,
      AttentionHeads heads,
      int[] pasts,
      int tokens,
      MemorySegment packed,
      MemorySegment cosines,
      MemorySegment sines,
      MemorySegment keys,
      MemorySegment values) {
    this.arena = arena;
    this.heads = heads;
    this.pasts = pasts;
    this.tokens = tokens;
    this.packed = packed;
    this.cosines = cosines;
    this.sines = sines;
    this.keys = keys;
    this.values = values;
    this.output = floats(arena, (long) pasts.length * tokens * heads.queries() * heads.size());
  }

  private static int width(AttentionHeads heads) {
    return (heads.queries() + 2 * heads.keyValues()) * heads.size();
  }

  private static void fill(MemorySegment numbers, Random random) {
    for (long index = 0; index < numbers.byteSize() / Float.BYTES; index++) {
      numbers.setAtIndex(JAVA_FLOAT, index, random.nextFloat() * 4 - 2);
    }
  }

  /** A row for itself, with a copy of its cache. */
  AttentionStep only(int row) {
    long rowBytes = keys.byteSize() / pasts.length;
    long tokenBytes = packed.byteSize() / pasts.length;
    return new AttentionStep(
        arena,
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
  AttentionStep[] cut(int first) {
    var newKeys = copy(keys);
    var newValues = copy(values);
    long bytes = (long) first * width(heads) * Float.BYTES;
    return new AttentionStep[] {
      new AttentionStep(
          arena,
          heads,
          new int[] {0},
          first,
          packed.asSlice(0, bytes),
          cosines,
          sines,
          newKeys,
          newValues),
      new AttentionStep(
          arena,
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
      tasks.forEach(AttentionStep::await);
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

  /** What is in the cache: of new tokens, what {@link CachedAttention} must have written. */
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

  private static void await(Future<?> task) {
    try {
      task.get();
    } catch (InterruptedException | ExecutionException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static MemorySegment floats(Arena arena, long count) {
    return arena.allocate(count * Float.BYTES, 64);
  }

  private static MemorySegment cache(Arena arena, int rows, AttentionHeads heads) {
    return arena.allocate(
        (long) rows * heads.keyValues() * CAPACITY * heads.size() * Short.BYTES, 64);
  }
}
