package io.millrace.runtime.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Has the loops of attention compiled before the first prompt comes: until then they are a hundred
 * times slower, which would be seen as a slow first second.
 *
 * <p>Once in a JVM, on a thread of its own, while the model is loaded.
 */
public final class WarmUp {

  /** By then the JVM has compiled them for good; later than that nobody should wait. */
  private static final int CALLS = 12_000;

  private static final Duration AT_MOST = Duration.ofSeconds(3);

  /** Few, since calls are what the JVM counts. */
  private static final int PAST = 30;

  private static final int CAPACITY = 32;
  private static final int QUERY_HEADS = 3;

  private static @Nullable CompletableFuture<Void> running;

  private WarmUp() {}

  /**
   * Begins, if that has not been done before.
   *
   * @param headSize that {@link CachedAttention} supports
   * @return completes when it is done
   */
  public static synchronized CompletableFuture<Void> of(int headSize) {
    if (running == null) {
      running =
          CompletableFuture.runAsync(
              () -> run(headSize),
              task -> Thread.ofPlatform().daemon().name("attention-warm-up").start(task));
    }
    return running;
  }

  private static void run(int headSize) {
    var heads = new AttentionHeads(QUERY_HEADS, 1, headSize, 1);
    int width = (QUERY_HEADS + 2) * headSize;
    var attention = new CachedAttention(heads);
    try (var arena = Arena.ofConfined()) {
      var projected = floats(arena, width);
      var rotations =
          new RotaryTables(
              floats(arena, CAPACITY * headSize / 2), floats(arena, CAPACITY * headSize / 2));
      var call =
          new AttentionCall(
              new Projection(projected, 0, width),
              new Projection(projected, QUERY_HEADS * headSize, width),
              new Projection(projected, (QUERY_HEADS + 1) * headSize, width),
              rotations,
              floats(arena, CAPACITY * headSize),
              floats(arena, CAPACITY * headSize),
              floats(arena, QUERY_HEADS * headSize),
              new int[] {PAST},
              1,
              CAPACITY);
      long end = System.nanoTime() + AT_MOST.toNanos();
      for (int done = 0; done < CALLS && System.nanoTime() < end; done++) {
        attention.step(call).compute(0);
      }
    }
  }

  private static MemorySegment floats(Arena arena, int count) {
    return arena.allocate(JAVA_FLOAT, count);
  }
}
