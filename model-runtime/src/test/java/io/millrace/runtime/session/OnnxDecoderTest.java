package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxDecoderTest {

  private static final int CHUNK = 16;

  @TempDir private static Path directory;

  private static OnnxDecoder decoder;

  @BeforeAll
  static void open() {
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP32));
    decoder = OnnxDecoder.open(model, new SessionSettings(4, 128, CHUNK, 1, false));
  }

  @AfterAll
  static void close() {
    decoder.close();
    decoder.close();
  }

  private static int[] tokens(int count, long seed) {
    return new Random(seed).ints(count, 0, 256).toArray();
  }

  private static void prefill(int slot, int[] tokens) {
    for (int from = 0; from < tokens.length; from += CHUNK) {
      decoder.prefill(slot, tokens, from, Math.min(from + CHUNK, tokens.length));
    }
  }

  private static float[] logits(int row) {
    float[] logits = new float[decoder.vocabularySize()];
    decoder.readLogits(row, logits);
    return logits;
  }

  /** What the sequence gives alone, computed in one go where it fits a chunk. */
  private static float[] expected(int[] tokens) {
    prefill(3, tokens);
    return logits(0);
  }

  private static int[] concatenated(int[] tokens, int... more) {
    int[] all = Arrays.copyOf(tokens, tokens.length + more.length);
    System.arraycopy(more, 0, all, tokens.length, more.length);
    return all;
  }

  @Test
  void takesSizesFromSettingsAndModel() {
    assertThat(decoder.slots()).isEqualTo(4);
    assertThat(decoder.capacity()).isEqualTo(128);
    assertThat(decoder.prefillChunk()).isEqualTo(CHUNK);
    assertThat(decoder.vocabularySize()).isEqualTo(512);
  }

  @Test
  void anInterruptedStepFailsAndTheSequenceIsAsItWas() throws InterruptedException {
    int[] prompt = tokens(10, 5);
    prefill(0, prompt);
    int[] longer = concatenated(prompt, tokens(20, 6));
    var interrupting = new AtomicBoolean(true);
    var other =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (interrupting.get()) {
                    decoder.interrupt();
                  }
                });
    try {
      assertThatThrownBy(
              () -> {
                // One step may end before the other thread comes to it.
                for (int attempt = 0; attempt < 10_000; attempt++) {
                  decoder.prefill(0, longer, 10, 26);
                }
              })
          .isInstanceOf(DecoderException.class);
    } finally {
      interrupting.set(false);
      other.join();
    }
    decoder.prefill(0, longer, 10, 26);
    decoder.prefill(0, longer, 26, 30);
    var after = logits(0);
    assertThat(after).containsExactly(expected(longer), within(1e-4f));
  }

  @Test
  void decodingContinuesWhatWasPrefilled() {
    int[] prompt = tokens(10, 1);
    prefill(0, prompt);
    decoder.decode(1, new int[] {7});
    var decoded = logits(0);
    assertThat(decoded).containsExactly(expected(concatenated(prompt, 7)), within(1e-4f));
  }

  @Test
  void chunksOfALongPromptAddUp() {
    int[] prompt = tokens(40, 2);
    prefill(0, prompt);
    var chunked = logits(0);
    prefill(0, Arrays.copyOf(prompt, 39));
    decoder.decode(1, new int[] {prompt[39]});
    assertThat(logits(0)).containsExactly(chunked, within(1e-4f));
  }

  @Test
  void raggedRowsDoNotSeeEachOther() {
    int[][] prompts = {tokens(3, 3), tokens(30, 4), tokens(17, 5)};
    for (int row = 0; row < prompts.length; row++) {
      prefill(row, prompts[row]);
    }
    decoder.decode(3, new int[] {1, 2, 3});
    decoder.decode(3, new int[] {4, 5, 6});
    float[][] together = {logits(0), logits(1), logits(2)};
    for (int row = 0; row < prompts.length; row++) {
      prefill(0, prompts[row]);
      decoder.decode(1, new int[] {1 + row});
      decoder.decode(1, new int[] {4 + row});
      assertThat(together[row]).containsExactly(logits(0), within(1e-4f));
    }
  }

  @Test
  void aMovedRowGoesOnInItsNewPlace() {
    int[] gone = tokens(20, 6);
    int[] moved = tokens(12, 7);
    prefill(0, gone);
    prefill(1, moved);
    decoder.moveRow(1, 0);
    decoder.decode(1, new int[] {9});
    var logits = logits(0);
    assertThat(logits).containsExactly(expected(concatenated(moved, 9)), within(1e-4f));
  }

  @Test
  void swappedRowsGoOnInEachOthersPlace() {
    int[] first = tokens(5, 8);
    int[] second = tokens(14, 9);
    prefill(0, first);
    prefill(1, second);
    decoder.swapRows(0, 1);
    decoder.decode(2, new int[] {9, 11});
    float[][] logits = {logits(0), logits(1)};
    assertThat(logits[0]).containsExactly(expected(concatenated(second, 9)), within(1e-4f));
    assertThat(logits[1]).containsExactly(expected(concatenated(first, 11)), within(1e-4f));
  }

  @Test
  void aStepThatOnnxRuntimeRefusesIsReported() {
    assertThatThrownBy(() -> decoder.prefill(0, new int[] {100_000}, 0, 1))
        .isInstanceOf(DecoderException.class);
    int[] prompt = tokens(4, 10);
    prefill(0, prompt);
    assertThat(logits(0)).containsExactly(expected(prompt), within(0f));
  }
}
