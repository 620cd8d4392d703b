package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What decoders leave behind in native memory. */
class NativeMemoryTest {

  private static final int SLOTS = 4;
  private static final int CAPACITY = 64;

  @TempDir Path directory;

  private ModelDirectory model;

  @BeforeEach
  void export() {
    model = ModelDirectory.load(TinyModels.export(directory, Precision.FP32));
  }

  private OnnxDecoder open() {
    return OnnxDecoder.open(model, new SessionSettings(SLOTS, CAPACITY, 16, 1, false));
  }

  @Test
  void stepsMakeNoObjectsThatStay() {
    try (var decoder = open()) {
      run(decoder, 2 * CAPACITY);
      long before = OrtApi.objects();
      run(decoder, 2_000);
      assertThat(OrtApi.objects()).isEqualTo(before);
    }
  }

  @Test
  void aClosedDecoderLeavesNoObject() {
    long before = OrtApi.objects();
    try (var decoder = open()) {
      run(decoder, 2 * CAPACITY);
      assertThat(OrtApi.objects()).isGreaterThan(before);
    }
    assertThat(OrtApi.objects()).isEqualTo(before);
  }

  @Test
  void aFailedStepLeavesNoObject() {
    long before = OrtApi.objects();
    try (var decoder = open()) {
      assertThatThrownBy(() -> decoder.prefill(0, new int[] {100_000}, 0, 1))
          .isInstanceOf(DecoderException.class);
    }
    assertThat(OrtApi.objects()).isEqualTo(before);
  }

  /**
   * By the C library's own books, which are the JVM's too: what its compiler takes meanwhile is in
   * them, some megabytes. Measured: {@code -Dmillrace.steps=1000000} leaves less than a byte a
   * step.
   */
  @Test
  @EnabledIfSystemProperty(named = "millrace.steps", matches = "\\d+")
  void manyStepsTakeNoMemory() {
    int steps = Integer.getInteger("millrace.steps");
    try (var decoder = open()) {
      run(decoder, steps / 2);
      long before = allocated();
      run(decoder, steps);
      long growth = allocated() - before;
      System.out.printf("%d steps left %d bytes of native memory behind%n", steps, growth);
      assertThat(growth).isLessThan(16L * steps);
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

  /** What glibc has given out and not got back: its {@code mallinfo2}. */
  private static long allocated() {
    var layout = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG));
    var linker = Linker.nativeLinker();
    var mallinfo =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(layout));
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
