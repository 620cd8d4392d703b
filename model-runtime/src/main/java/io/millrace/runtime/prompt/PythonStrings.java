package io.millrace.runtime.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Methods of Python's {@code str}, where Java's of the same or a similar name differ. */
final class PythonStrings {

  private static final char NEXT_LINE = '\u0085';

  private PythonStrings() {}

  /** {@code text.lstrip(characters)}; null stands for all space characters. */
  static String lstrip(String text, @Nullable String characters) {
    var strippable = strippable(characters);
    int start = 0;
    while (start < text.length() && strippable.test(text.charAt(start))) {
      start++;
    }
    return text.substring(start);
  }

  /** {@code text.rstrip(characters)}; null stands for all space characters. */
  static String rstrip(String text, @Nullable String characters) {
    var strippable = strippable(characters);
    int end = text.length();
    while (end > 0 && strippable.test(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** {@code text.strip(characters)}; null stands for all space characters. */
  static String strip(String text, @Nullable String characters) {
    return lstrip(rstrip(text, characters), characters);
  }

  /**
   * {@code text.split(separator, limit)}: the separator is no regular expression, and empty parts
   * stay.
   *
   * @param limit of separators, not of parts; negative for none
   */
  static List<String> split(String text, String separator, long limit) {
    if (separator.isEmpty()) {
      // Python's ValueError; Jinjava would take an IllegalArgumentException for no value at all.
      throw new UnsupportedOperationException("a string is split at an empty separator");
    }
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf(separator);
        end >= 0 && parts.size() != limit;
        end = text.indexOf(separator, start)) {
      parts.add(text.substring(start, end));
      start = end + separator.length();
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static IntPredicate strippable(@Nullable String characters) {
    return characters == null ? PythonStrings::isSpace : c -> characters.indexOf(c) >= 0;
  }

  /** What Python's {@code str.isspace()} says; all of these are in the basic plane. */
  private static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == NEXT_LINE;
  }
}
