package io.millrace.runtime.session;

/**
 * Room for copies of parts of sequences, outside the slots of a {@link Decoder}: blocks of a fixed
 * number of tokens.
 *
 * <p>Belongs to the decoder's thread and is freed with the decoder.
 */
public interface BlockStore {

  /** How many blocks there is room for. */
  int blocks();

  /** Copies a block's worth of positions, from {@code from} on, out of a slot. */
  void save(int block, int slot, int from);

  /**
   * Appends a block to the sequence in a slot, which has {@code from} tokens; {@code from} 0 starts
   * a new one there.
   */
  void load(int block, int slot, int from);
}
