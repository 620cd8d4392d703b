package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the engine may choose freely, because it makes no difference to a single bit on this
 * machine: where prompts are cut, which rows are decoded together, and how many tokens of a row.
 */
class BitIdentityTest {

  private static final int LONGEST = 110;
  private static final int ROWS = 8;
  private static final int SPECULATIVE = 11;

  @TempDir private static Path directory;

  static Stream<Arguments> precisionsAndThreads() {
    return Stream.of(Precision.values())
        .filter(precision -> !precision.positions())
        .flatMap(precision -> IntStream.of(1, 2).mapToObj(n -> Arguments.of(precision, n)));
  }

  @ParameterizedTest
  @MethodSource("precisionsAndThreads")
  void wherePromptsAreCut(Precision precision, int threads) {
    int[] prompt = new Random(1).ints(LONGEST, 0, 256).toArray();
    try (var decoder = open(precision, threads)) {
      for (int length : new int[] {17, 33, 34, 35, 47, 65, 66, 67, 97, LONGEST}) {
        int[] whole = prefilled(decoder, prompt, length, LONGEST);
        for (int budget = 3; budget < length; budget++) {
          assertThat(prefilled(decoder, prompt, length, budget))
              .as("%d tokens, %d at once", length, budget)
              .isEqualTo(whole);
        }
      }
    }
  }

  /** The logits after a prompt, of which so many tokens at most are computed at once. */
  private static int[] prefilled(Decoder decoder, int[] prompt, int length, int budget) {
    for (int from = 0; from < length; ) {
      int to = decoder.chunkEnd(from, budget, length);
      decoder.prefill(0, prompt, from, to);
      from = to;
    }
    return bits(decoder, 0);
  }

  @ParameterizedTest
  @MethodSource("precisionsAndThreads")
  void whichRowsAreDecodedTogether(Precision precision, int threads) {
    int[] tokens = new Random(2).ints(ROWS, 0, 256).toArray();
    int[][] alone = new int[ROWS][];
    try (var decoder = open(precision, threads)) {
      prefillAll(decoder);
      for (int row = 0; row < ROWS; row++) {
        decoder.decode(row, 1, tokens);
        alone[row] = bits(decoder, 0);
      }
      for (int first = 0; first < ROWS; first++) {
        for (int rows = 1; first + rows <= ROWS; rows++) {
          prefillAll(decoder);
          decoder.decode(first, rows, tokens);
          for (int row = 0; row < rows; row++) {
            assertThat(bits(decoder, row))
                .as("row %d of %d from %d", row, rows, first)
                .isEqualTo(alone[first + row]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("precisionsAndThreads")
  void whichTokensOfARowAreVerifiedTogether(Precision precision, int threads) {
    int[] prompt = new Random(4).ints(LONGEST, 0, 256).toArray();
    try (var decoder = open(precision, threads)) {
      assertThat(decoder.verifiableTokens()).isEqualTo(1 + SPECULATIVE);
      for (int length : new int[] {1, 2, 31, 32, 90}) {
        int[] next = Arrays.copyOfRange(prompt, length, length + 1 + SPECULATIVE);
        int[][] decoded = new int[next.length][];
        decoder.prefill(0, prompt, 0, length);
        for (int index = 0; index < next.length; index++) {
          decoder.decode(1, new int[] {next[index]});
          decoded[index] = bits(decoder, 0);
        }
        for (int count = 2; count <= next.length; count++) {
          decoder.prefill(0, prompt, 0, length);
          // Leaves the keys and values of other tokens behind.
          decoder.verify(new Random(count).ints(next.length, 0, 256).toArray(), next.length);
          decoder.verify(next, count);
          for (int index = 0; index < count; index++) {
            assertThat(bits(decoder, index))
                .as("token %d of %d after %d", index, count, length)
                .isEqualTo(decoded[index]);
          }
          decoder.keep(count - 1);
          decoder.decode(1, new int[] {next[count - 1]});
          assertThat(bits(decoder, 0))
              .as("after %d of %d verified tokens", count - 1, count)
              .isEqualTo(decoded[count - 1]);
        }
      }
    }
  }

  /** Sequences of different lengths. */
  private static void prefillAll(Decoder decoder) {
    int[] prompt = new Random(3).ints(LONGEST, 0, 256).toArray();
    for (int row = 0; row < ROWS; row++) {
      decoder.prefill(row, prompt, 0, 20 + 7 * row);
    }
  }

  private static OnnxDecoder open(Precision precision, int threads) {
    var model = ModelDirectory.load(TinyModels.export(directory, precision));
    var settings = new SessionSettings(ROWS, 128, LONGEST, threads, false);
    return OnnxDecoder.open(model, settings.withSpeculativeTokens(SPECULATIVE));
  }

  private static int[] bits(Decoder decoder, int row) {
    int[] bits = new int[decoder.vocabularySize()];
    decoder.readLogits(row, bits);
    return bits;
  }
}
