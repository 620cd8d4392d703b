package io.millrace.runtime.tokenizer;

import java.util.List;

/** Finds where a completion has to end, and how much of it may be the start of such an end. */
final class StopStrings {

  private final List<String> stops;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Where the first stop string starts, or -1 if the text holds none. */
  int indexIn(CharSequence text) {
    int first = -1;
    for (int start = 0; start < text.length() && first < 0; start++) {
      if (startsAt(text, start, true)) {
        first = start;
      }
    }
    return first;
  }

  /** How many characters at the end of the text may yet become a stop string. */
  int undecided(CharSequence text) {
    for (int start = 0; start < text.length(); start++) {
      if (startsAt(text, start, false)) {
        return text.length() - start;
      }
    }
    return 0;
  }

  private boolean startsAt(CharSequence text, int start, boolean whole) {
    for (var stop : stops) {
      int available = text.length() - start;
      int compared = Math.min(stop.length(), available);
      if ((compared == stop.length()) == whole && matches(text, start, stop, compared)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(CharSequence text, int start, String stop, int length) {
    for (int index = 0; index < length; index++) {
      if (text.charAt(start + index) != stop.charAt(index)) {
        return false;
      }
    }
    return true;
  }
}
