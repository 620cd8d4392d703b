package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Counts the native memory that steps leave behind, by the C library's own books, which Java's heap
 * is not in.
 *
 * <p>The 100,000 steps: {@code -Dmillrace.steps=100000}, some 40 seconds.
 */
@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {

  private static final int STEPS = Integer.getInteger("millrace.steps", 20_000);
  private static final int SLOTS = 4;
  private static final int CAPACITY = 64;

  private static final int ROUNDS = 9;

  /** Bytes, fewer than the smallest object of ONNX Runtime has. */
  private static final long LEAST_LEAK = 16;

  @TempDir Path directory;

  @Test
  void stepsLeaveNothingBehind() {
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP32));
    var settings = new SessionSettings(SLOTS, CAPACITY, 16, 1, false);
    try (var decoder = OnnxDecoder.open(model, settings)) {
      assertThat(usualGrowth(() -> run(decoder, STEPS / ROUNDS)))
          .isLessThan(LEAST_LEAK * STEPS / ROUNDS);
    }
  }

  @Test
  void openingAndClosingLeavesNothingBehind() {
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP32));
    int times = 5;
    // A decoder's tensors, of which there are some dozens, are more than this together.
    assertThat(usualGrowth(() -> openAndClose(model, times))).isLessThan(LEAST_LEAK * 100 * times);
  }

  @Test
  void aLeakIsSeen() {
    var leaked = new ArrayList<MemorySegment>();
    assertThat(
            usualGrowth(
                () -> {
                  for (int step = 0; step < STEPS / ROUNDS; step++) {
                    leaked.add(allocate(4 * LEAST_LEAK));
                  }
                }))
        .isGreaterThan(LEAST_LEAK * STEPS / ROUNDS);
    leaked.forEach(NativeMemoryTest::free);
  }

  /**
   * The lower quartile: what leaks does so every time, what the JVM takes and gives back meanwhile
   * it does now and then.
   */
  private static long usualGrowth(Runnable work) {
    work.run();
    long[] growths = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long before = allocated();
      work.run();
      growths[round] = allocated() - before;
    }
    Arrays.sort(growths);
    return growths[ROUNDS / 4];
  }

  private static MemorySegment allocate(long bytes) {
    try {
      return (MemorySegment)
          function("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG))
              .invokeExact(bytes);
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  private static void free(MemorySegment memory) {
    try {
      function("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)).invokeExact(memory);
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    var linker = Linker.nativeLinker();
    var symbol = linker.defaultLookup().find(name);
    assumeTrue(symbol.isPresent(), "the C library has no " + name);
    return linker.downcallHandle(symbol.orElseThrow(), type);
  }

  private static void openAndClose(ModelDirectory model, int times) {
    for (int time = 0; time < times; time++) {
      var settings = new SessionSettings(SLOTS, CAPACITY, 16, 1, false);
      try (var decoder = OnnxDecoder.open(model, settings)) {
        run(decoder, CAPACITY);
      }
    }
  }

  /** Prefills, decodes to the end, moves and swaps rows. */
  private static void run(OnnxDecoder decoder, int steps) {
    int[] prompt = {1, 2, 3, 4, 5};
    int[] tokens = {6, 7, 8, 9};
    for (int step = 0; step < steps; ) {
      for (int slot = 0; slot < SLOTS; slot++) {
        decoder.prefill(slot, prompt, 0, prompt.length);
        step++;
      }
      for (int length = prompt.length; length < CAPACITY; length++) {
        decoder.decode(1 + length % SLOTS, tokens);
        step++;
      }
      decoder.moveRow(1, 0);
      decoder.swapRows(2, 3);
    }
  }

  /** What the C library has given out and not got back: its {@code mallinfo2}. */
  private static long allocated() {
    var fields = MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);
    var layout = MemoryLayout.structLayout(fields);
    var mallinfo = function("mallinfo2", FunctionDescriptor.of(layout));
    try (var arena = Arena.ofConfined()) {
      var info = (MemorySegment) mallinfo.invokeWithArguments((SegmentAllocator) arena);
      long inMappings = info.getAtIndex(ValueLayout.JAVA_LONG, 4);
      long inArenas = info.getAtIndex(ValueLayout.JAVA_LONG, 7);
      return inMappings + inArenas;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }
}
