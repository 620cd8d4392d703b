package io.millrace.runtime.session;

import java.util.stream.IntStream;

/**
 * With how many rows a decode step is run. Rows that are not wanted go along, and their results are
 * not used.
 *
 * <p>Where steps are recorded and replayed, each number of rows is a recording of its own, which
 * takes time and memory to make; so there are few numbers. A row more costs a GPU next to nothing,
 * as it reads the weights once for all of them.
 */
sealed interface StepRows {

  /** The number of rows of a step for so many, 1 or more. */
  int atLeast(int rows);

  /** Any number from a least one on. */
  record Any(int least) implements StepRows {
    @Override
    public int atLeast(int rows) {
      return Math.max(rows, least);
    }
  }

  /**
   * Powers of two, from 8 on the number halfway between two of them as well, and all slots.
   *
   * @param slots the most rows of a step
   */
  record Recorded(int slots) implements StepRows {

    @Override
    public int atLeast(int rows) {
      int power = Integer.highestOneBit(rows);
      if (power == rows) {
        return rows;
      }
      int halfway = power + power / 2;
      return Math.min(power >= 8 && rows <= halfway ? halfway : 2 * power, slots);
    }

    /** All of the numbers, the largest first. */
    IntStream all() {
      return IntStream.rangeClosed(1, slots).map(row -> atLeast(slots + 1 - row)).distinct();
    }
  }
}
