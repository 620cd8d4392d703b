package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a decoder does, whatever it runs on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DecoderContract {

  private static final int CHUNK = 16;

  private final Precision precision;
  private final Layout layout;
  private final ProviderSettings provider;

  /** How far logits may be apart that were computed in different ways. */
  private final float tolerance;

  OnnxDecoder decoder;

  DecoderContract(Precision precision, ProviderSettings provider, float tolerance) {
    this(precision, Layout.GROUP_QUERY, provider, tolerance);
  }

  DecoderContract(Precision precision, Layout layout, ProviderSettings provider, float tolerance) {
    this.precision = precision;
    this.layout = layout;
    this.provider = provider;
    this.tolerance = tolerance;
  }

  @BeforeAll
  void open(@TempDir Path directory) {
    var model = ModelDirectory.load(TinyModels.export(directory, precision, layout));
    decoder = OnnxDecoder.open(model, settings());
  }

  SessionSettings settings() {
    return new SessionSettings(4, 128, CHUNK, 1, false, provider);
  }

  @AfterAll
  void close() {
    if (decoder != null) {
      decoder.close();
      decoder.close();
    }
  }

  static int[] tokens(int count, long seed) {
    return new Random(seed).ints(count, 0, 256).toArray();
  }

  final void prefill(int slot, int[] tokens) {
    for (int from = 0; from < tokens.length; from += CHUNK) {
      decoder.prefill(slot, tokens, from, Math.min(from + CHUNK, tokens.length));
    }
  }

  final float[] logits(int row) {
    float[] logits = new float[decoder.vocabularySize()];
    decoder.readLogits(row, logits);
    return logits;
  }

  /** What the sequence gives alone, computed in one go where it fits a chunk. */
  final float[] expected(int[] tokens) {
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
    assertThat(after).containsExactly(expected(longer), within(tolerance));
  }

  @Test
  void decodingContinuesWhatWasPrefilled() {
    int[] prompt = tokens(10, 1);
    prefill(0, prompt);
    decoder.decode(1, new int[] {7});
    var decoded = logits(0);
    assertThat(decoded).containsExactly(expected(concatenated(prompt, 7)), within(tolerance));
  }

  @Test
  void chunksOfALongPromptAddUp() {
    int[] prompt = tokens(40, 2);
    prefill(0, prompt);
    var chunked = logits(0);
    prefill(0, Arrays.copyOf(prompt, 39));
    decoder.decode(1, new int[] {prompt[39]});
    assertThat(logits(0)).containsExactly(chunked, within(tolerance));
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
      assertThat(together[row]).containsExactly(logits(0), within(tolerance));
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
    assertThat(logits).containsExactly(expected(concatenated(moved, 9)), within(tolerance));
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
    assertThat(logits[0]).containsExactly(expected(concatenated(second, 9)), within(tolerance));
    assertThat(logits[1]).containsExactly(expected(concatenated(first, 11)), within(tolerance));
  }

  @Test
  void savedBlocksBeginOtherSequences() {
    int[] prompt = tokens(40, 11);
    var blocks = decoder.reserveBlocks(16, 1 << 20);
    prefill(0, prompt);
    blocks.save(1, 0, 0);
    blocks.save(0, 0, 16);
    blocks.load(1, 2, 0);
    blocks.load(0, 2, 16);
    decoder.prefill(2, prompt, 32, 40);
    var logits = logits(0);
    assertThat(logits).containsExactly(expected(prompt), within(tolerance));
  }

  @Test
  void theMostLikelyTokenIsTheFirstOfTheLargestLogitsOrToBeLookedFor() {
    for (int row = 0; row < 3; row++) {
      prefill(row, tokens(5 + row, 12 + row));
    }
    decoder.decode(3, new int[] {1, 2, 3});
    for (int row = 0; row < 3; row++) {
      float[] logits = logits(row);
      int largest = 0;
      for (int token = 1; token < logits.length; token++) {
        largest = logits[token] > logits[largest] ? token : largest;
      }
      assertThat(decoder.mostLikely(row)).isIn(-1, largest);
    }
  }
}
