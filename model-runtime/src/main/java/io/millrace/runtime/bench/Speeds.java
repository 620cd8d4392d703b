package io.millrace.runtime.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** How fast something was each time it was measured, in tokens per second. */
public final class Speeds {

  private final List<Double> measured = new ArrayList<>();

  Speeds() {}

  void add(int tokens, long nanos) {
    measured.add(tokens * 1e9 / nanos);
  }

  /** In tokens per second. */
  public double median() {
    return median(measured.stream().mapToDouble(Double::doubleValue));
  }

  /**
   * How many times as fast as {@code other}, which was measured in turns with this: the median of
   * the ratios of neighbours. What slows the machine for a while slows both of them, so it cancels,
   * which it does not in the ratio of the medians.
   *
   * @throws IllegalArgumentException if the other was not measured as often
   */
  public double medianRatioTo(Speeds other) {
    if (other.measured.size() != measured.size()) {
      throw new IllegalArgumentException("not measured in turns");
    }
    return median(
        IntStream.range(0, measured.size())
            .mapToDouble(turn -> measured.get(turn) / other.measured.get(turn)));
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
