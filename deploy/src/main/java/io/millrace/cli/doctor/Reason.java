package io.millrace.cli.doctor;

import java.util.HashSet;
import java.util.Set;

/** Says why something failed, also where a library says nothing itself. */
final class Reason {

  private Reason() {}

  /** The first cause, by its message if it has one, and always by its class. */
  static String of(Throwable failure) {
    Set<Throwable> seen = new HashSet<>();
    var root = failure;
    while (root.getCause() != null && seen.add(root)) {
      root = root.getCause();
    }
    var kind = root.getClass().getSimpleName();
    return root.getMessage() == null ? kind : kind + ": " + root.getMessage();
  }
}
