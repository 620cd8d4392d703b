package io.millrace.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Releases several things, all of them, whatever one of them throws. */
public final class Releases {

  private Releases() {}

  /**
   * Runs all.
   *
   * @throws RuntimeException what the first that failed has thrown; the others' are suppressed in
   *     it
   */
  public static void all(List<Runnable> releases) {
    @Nullable RuntimeException first = null;
    for (var release : releases) {
      try {
        release.run();
      } catch (RuntimeException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
