package io.millrace.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Looks for what only a new process mends. Belongs to one thread, which looks now and then. */
final class LastingFaults {

  /**
   * Once is not enough: after this process itself stood still, any step of the model looks like one
   * that hangs; and a processor that fails ends itself, if it can.
   */
  private static final int LOOKS = 3;

  private final Supplier<List<String>> deadly;
  private final WallClock clock;
  private int seen;

  /**
   * @param deadly what is wrong now, as of {@link io.millrace.monitoring.Health#deadly}
   */
  LastingFaults(Supplier<List<String>> deadly, WallClock clock) {
    this.deadly = deadly;
    this.clock = clock;
  }

  /** What was found; empty if all is well, or may be by the next look. */
  Optional<String> look() {
    var setBack = clock.setBack();
    if (setBack.isPositive()) {
      return Optional.of(
          "the clock was set back by %d s, for which time Kafka's clients would stand still"
              .formatted(setBack.toSeconds()));
    }
    var problems = deadly.get();
    seen = problems.isEmpty() ? 0 : seen + 1;
    return seen < LOOKS ? Optional.empty() : Optional.of(String.join("; ", problems));
  }
}
