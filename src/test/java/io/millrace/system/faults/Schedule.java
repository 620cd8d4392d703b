package io.millrace.system.faults;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Draws faults: each comes once, in an order by chance, before one comes again. */
final class Schedule {

  private final List<Fault> possible;
  private final Random random;
  private final Deque<Fault> drawn = new ArrayDeque<>();

  Schedule(Set<Fault> possible, long seed) {
    this.possible = new ArrayList<>(possible);
    random = new Random(seed);
  }

  Fault next() {
    if (drawn.isEmpty()) {
      Collections.shuffle(possible, random);
      drawn.addAll(possible);
    }
    return drawn.removeFirst();
  }

  void skip(int count) {
    for (int i = 0; i < count; i++) {
      next();
    }
  }
}
