package io.millrace.runtime.session;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first steps of a decoder, before any prompt: they record what is replayed later, or find out
 * which steps compute the same bits. They leave all slots empty.
 */
final class FirstSteps {

  private static final Logger LOG = LoggerFactory.getLogger(FirstSteps.class);

  private final OnnxDecoder decoder;

  FirstSteps(OnnxDecoder decoder) {
    this.decoder = decoder;
  }

  /** Records a step of every number of rows, so that no prompt waits for it. */
  void record(StepRows.Recorded recorded) {
    int[] tokens = new int[decoder.rows()];
    recorded
        .all()
        .forEach(
            rows -> {
              decoder.decode(rows, tokens);
              decoder.decode(rows, tokens);
              decoder.mostLikely(0);
              releaseAll();
            });
  }

  /**
   * The fewest rows of a step in which a row's bits do not depend on how many they are.
   *
   * <p>Some kernels (int4 without AVX-512) compute a single row in an order of their own, which
   * rounds otherwise. Then a row that is alone is given company, so that its tokens do not depend
   * on whether it has any. On a GPU kernels are chosen by the number of rows anyway, and nothing is
   * promised; there this only runs the first steps, which are slow.
   */
  int leastRows() {
    int[] tokens = new int[decoder.rows()];
    if (decoder.provider() != ExecutionProvider.CPU) {
      decoder.decode(1, tokens);
      decoder.decode(decoder.slots(), tokens);
      releaseAll();
      return 1;
    }
    decoder.decode(1, tokens);
    int[] alone = logits(0);
    releaseAll();
    decoder.decode(2, tokens);
    int[] accompanied = logits(0);
    releaseAll();
    return Arrays.equals(alone, accompanied) ? 1 : 2;
  }

  /**
   * Whether {@link Decoder#verify} computes the same bits as {@link Decoder#decode}. It does if
   * attention writes the keys and values of all rows before it reads those of any; if not, a row
   * reads what was there before. So that this cannot go well by chance, the last token is in the
   * first row here, and the keys and values of other tokens are there before.
   *
   * @param count tokens that are verified together
   */
  boolean verifyTheSame(int count) {
    if (count < 2) {
      return false;
    }
    decoder.decode(1, new int[] {0});
    decoder.verify(IntStream.range(0, count).toArray(), count);
    int[] backwards = IntStream.range(0, count).map(row -> count - row).toArray();
    decoder.compute(backwards, backwards.clone(), count);
    int[][] verified =
        IntStream.range(0, count).mapToObj(row -> logits(count - 1 - row)).toArray(int[][]::new);
    boolean same = true;
    for (int row = 0; same && row < count; row++) {
      decoder.decode(1, new int[] {1 + row});
      same = Arrays.equals(logits(0), verified[row]);
    }
    releaseAll();
    if (!same) {
      LOG.info("No speculation: this model's attention does not compute several tokens as one");
    }
    return same;
  }

  private int[] logits(int row) {
    int[] bits = new int[decoder.vocabularySize()];
    decoder.readLogits(row, bits);
    return bits;
  }

  private void releaseAll() {
    IntStream.range(0, decoder.rows()).forEach(decoder::release);
  }
}
