package io.millrace.batching;

import java.util.Optional;

/**
 * Hands out the rows of the KV cache so that those in use are always the first ones: a decode step
 * over {@code n} rows is then one tensor over the start of the cache.
 *
 * <p>Releasing a row that is not the last one moves the last one into its place.
 */
public final class SlotAllocator {

  /** The content of row {@code from} belongs in row {@code to} from now on. */
  public record Move(int from, int to) {}

  private final int capacity;
  private int used;

  /**
   * @throws IllegalArgumentException if there is no slot at all
   */
  public SlotAllocator(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("at least one slot is needed, not " + capacity);
    }
    this.capacity = capacity;
  }

  public boolean hasFree() {
    return used < capacity;
  }

  /** Rows in use: exactly {@code 0} to {@code used() - 1}. */
  public int used() {
    return used;
  }

  /**
   * @return the new row, always the one after the last
   * @throws IllegalStateException if none is free
   */
  public int allocate() {
    if (!hasFree()) {
      throw new IllegalStateException("all " + capacity + " slots are in use");
    }
    return used++;
  }

  /**
   * Gives a row back.
   *
   * @return how to close the gap, or empty if there is none
   * @throws IllegalArgumentException if the row is not in use
   */
  public Optional<Move> release(int slot) {
    if (slot < 0 || slot >= used) {
      throw new IllegalArgumentException("slot " + slot + " is not in use");
    }
    used--;
    return slot == used ? Optional.empty() : Optional.of(new Move(used, slot));
  }
}
