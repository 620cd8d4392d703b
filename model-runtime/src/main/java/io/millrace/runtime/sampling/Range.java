package io.millrace.runtime.sampling;

/** Checks of parameters. */
final class Range {

  private Range() {}

  static void require(String name, boolean holds, String range, Object value) {
    if (!holds) {
      throw new InvalidParameterException(name, range, value);
    }
  }
}
