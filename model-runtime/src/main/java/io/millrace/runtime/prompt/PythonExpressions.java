package io.millrace.runtime.prompt;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites what chat templates write in Python's way and Jinjava's grammar does not have. */
final class PythonExpressions {

  private static final String QUOTED = "'(?:\\\\.|[^'\\\\])*'|\"(?:\\\\.|[^\"\\\\])*\"";

  /** {@code list[::-1]}, which is {@code list|reverse}. */
  private static final String REVERSED = "(?<list>[\\w.]+)\\[::-1]";

  /**
   * {@code last=messages|length - 1}, which Jinjava reads as {@code (last=messages|length) - 1}.
   */
  private static final String SUM_AS_ARGUMENT =
      "=\\s*(?<sum>[\\w.]+\\s*\\|\\s*\\w+\\s*[-+]\\s*\\d++)(?!\\s*[*/%|.])";

  private static final Pattern REWRITTEN =
      Pattern.compile(QUOTED + "|" + REVERSED + "|" + SUM_AS_ARGUMENT);

  private PythonExpressions() {}

  /** The inside of a tag, in Jinjava's grammar; quoted strings stay as they are. */
  static String rewrite(String tag) {
    return REWRITTEN.matcher(tag).replaceAll(match -> Matcher.quoteReplacement(rewritten(match)));
  }

  private static String rewritten(MatchResult match) {
    if (match.group("list") != null) {
      return "(" + match.group("list") + "|reverse)";
    }
    return match.group("sum") != null ? "=(" + match.group("sum") + ")" : match.group();
  }
}
