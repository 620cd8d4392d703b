package io.millrace.runtime.prompt;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import org.jspecify.annotations.Nullable;

/**
 * The filter {@code trim} as Jinja has it, Python's {@code str.strip()}: Jinjava's own leaves the
 * space characters beyond ASCII (U+00A0, U+3000, …) and takes control characters that Python
 * leaves, and a model would see other tokens than those it was trained on.
 */
final class PythonTrim implements Filter {

  private static final char NEXT_LINE = '\u0085';

  @Override
  public String getName() {
    return "trim";
  }

  @Override
  public @Nullable Object filter(
      @Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
    return value instanceof String text ? trim(text) : value;
  }

  private static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** What Python's {@code str.isspace()} says; all of these are in the basic plane. */
  private static boolean isSpace(char character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == NEXT_LINE;
  }
}
