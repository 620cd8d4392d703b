package io.millrace.runtime.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How a soak went.
 *
 * @param samples one for each part
 * @param faults what was not as it must be, whatever the memory; empty if all was
 */
public record SoakReport(List<SoakSample> samples, List<String> faults) {

  /** Growth of memory after the first tenth that is no leak. */
  private static final double MOST_GROWTH = 0.02;

  /** The last of the first tenth. */
  private static final int BASE = SoakSettings.PARTS / 10 - 1;

  public SoakReport {
    samples = List.copyOf(samples);
    faults = List.copyOf(faults);
  }

  /** Of the heap, from the first tenth to the end, as a share. */
  public double heapGrowth() {
    return growth(samples.get(BASE).heapBytes(), samples.getLast().heapBytes());
  }

  /** Of the resident memory, if the system tells. */
  public OptionalDouble residentGrowth() {
    var first = samples.get(BASE).residentBytes();
    var last = samples.getLast().residentBytes();
    return first.isPresent() && last.isPresent()
        ? OptionalDouble.of(growth(first.getAsLong(), last.getAsLong()))
        : OptionalDouble.empty();
  }

  private static double growth(long before, long after) {
    return (double) after / before - 1;
  }

  /** The faults, and memory that grew. */
  public List<String> allFaults() {
    var all = new ArrayList<>(faults);
    complain(all, "the heap after a collection", heapGrowth());
    residentGrowth().ifPresent(growth -> complain(all, "the resident memory", growth));
    return all;
  }

  private static void complain(List<String> faults, String what, double growth) {
    if (growth >= MOST_GROWTH) {
      faults.add(
          String.format(
              Locale.ROOT, "%s grew by %.1f %% after the first tenth", what, 100 * growth));
    }
  }
}
