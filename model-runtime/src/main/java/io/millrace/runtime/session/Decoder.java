package io.millrace.runtime.session;

/**
 * A model with its KV cache: each slot holds one sequence, and the first slots can be advanced
 * together.
 *
 * <p>Belongs to one thread, except that {@link #close()} may come from another once that thread has
 * ended. A sequence may have {@link #capacity()} tokens at most; the caller sees to it.
 */
public interface Decoder extends AutoCloseable {

  /** What the lengths of all blocks of attention are multiples of. */
  int ATTENTION_BLOCK = 32;

  /** How many sequences the cache has room for. */
  int slots();

  /** The most tokens of one sequence. */
  int capacity();

  /** Logits per row; may exceed the tokenizer's vocabulary where the model pads it. */
  int vocabularySize();

  /** The memory of the KV cache when all slots are filled. */
  long cacheBytes();

  /** The most tokens of one {@link #prefill}, at least 3. */
  int prefillChunk();

  /**
   * Where a {@link #prefill} that begins at {@code from} and has at most so many tokens, 3 or more,
   * is to end.
   *
   * <p>Where a prompt is cut makes no difference to the bits that are computed, with one exception.
   * ONNX Runtime's attention takes positions in blocks of twice the head size, and one position
   * alone is computed by other kernels, which round otherwise. So no prefill has one token more
   * than a number of such blocks, unless the prompt has one token. Head sizes are multiples of 16.
   */
  default int chunkEnd(int from, int tokens, int promptTokens) {
    int to = Math.min(from + tokens, promptTokens);
    while (promptTokens > 1 && (promptTokens - to == 1 || (to - from) % ATTENTION_BLOCK == 1)) {
      to--;
    }
    return to;
  }

  /**
   * Appends {@code tokens[from, to)} to a slot; {@code from} 0 starts a new sequence there. The
   * logits of the last of them are in row 0 afterwards.
   *
   * @throws DecoderException if the step failed; the sequence is as it was before
   */
  void prefill(int slot, int[] tokens, int from, int to);

  /**
   * Appends {@code tokens[slot]} to each of the slots {@code [first, first + rows)}; the logits of
   * slot {@code first + i} are in row {@code i} afterwards.
   *
   * @throws DecoderException if the step failed; the sequences are as they were before
   */
  void decode(int first, int rows, int[] tokens);

  /**
   * The most tokens of one {@link #verify}; 0 where it cannot be done, or not with the same bits.
   */
  default int verifiableTokens() {
    return 0;
  }

  /**
   * Computes tokens as if they were appended to slot 0 one after the other: the logits after {@code
   * tokens[index]} are in row {@code index} afterwards, the same bits as by {@link #decode}. The
   * sequence has none of them until {@link #keep}.
   *
   * @param tokens of which the first {@code count} are meant
   * @param count at least 2 and at most {@link #verifiableTokens}
   * @throws DecoderException if the step failed; the sequence is as it was before
   */
  default void verify(int[] tokens, int count) {
    throw new UnsupportedOperationException("there are no tokens to verify");
  }

  /** Appends the first so many tokens of the last {@link #verify} to slot 0. */
  default void keep(int count) {
    throw new UnsupportedOperationException("no tokens were verified");
  }

  /** Of the slots {@code [0, rows)}. */
  default void decode(int rows, int[] tokens) {
    decode(0, rows, tokens);
  }

  /**
   * Makes the step that runs now fail soon, between two of the model's operators. Does nothing if
   * none runs, or fails the next one. A step that a GPU replays, or that TensorRT runs, is one
   * operator and cannot be stopped. May be called from any thread.
   */
  void interrupt();

  /**
   * Copies a row of the last step's logits, as the bits of their floats, into {@code bits[0,
   * vocabularySize)}.
   */
  void readLogits(int row, int[] bits);

  /**
   * The first token with the largest logit in a row of the last step, where the logits are on a
   * device that finds it sooner than they could be read; -1 where they have to be read, as they
   * have if one is not finite.
   */
  default int mostLikely(int row) {
    return -1;
  }

  /** The logits of a row as numbers, for where its speed does not matter. */
  default void readLogits(int row, float[] destination) {
    int[] bits = new int[vocabularySize()];
    readLogits(row, bits);
    for (int token = 0; token < bits.length; token++) {
      destination[token] = Float.intBitsToFloat(bits[token]);
    }
  }

  /** Forgets a sequence; its slot may still be computed along with others. */
  default void release(int slot) {
    truncate(slot, 0);
  }

  /** Forgets the tokens of a sequence behind the first so many, of which it has no fewer. */
  void truncate(int slot, int length);

  /** Copies a sequence to another slot, over what is there. */
  void moveRow(int from, int to);

  /** Exchanges the sequences of two slots. */
  void swapRows(int first, int second);

  /**
   * Reserves room for copies of parts of sequences. On the CPU it is taken from the system as it is
   * used, on a GPU at once.
   *
   * @param blockTokens tokens of each block
   * @param bytes the most memory; what does not make a block is not used
   */
  BlockStore reserveBlocks(int blockTokens, long bytes);

  @Override
  void close();
}
