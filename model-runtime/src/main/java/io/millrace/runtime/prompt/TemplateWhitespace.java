package io.millrace.runtime.prompt;

/**
 * Resolves the whitespace control of a Jinja template: what comes out renders to the same text
 * without any.
 *
 * <p>The rules are those of Jinja2's lexer with {@code trim_blocks} and {@code lstrip_blocks}, as
 * the transformers library sets them: {@code -} in a tag removes all whitespace on its side; the
 * first newline after a block or comment goes, and so does the indentation before one that starts
 * its line, unless the tag says {@code +}. Expressions are left alone but for their {@code -}. One
 * newline at the end of the source goes. Jinjava, which renders the result, has such options too,
 * but does not follow Jinja2 around expressions.
 */
final class TemplateWhitespace {

  private final String source;
  private final StringBuilder resolved = new StringBuilder();

  /** Where the text after the last tag starts, its removed part left out. */
  private int position;

  /** Whether that text starts a line. */
  private boolean startsLine = true;

  private TemplateWhitespace(String source) {
    this.source = source;
  }

  static String resolve(String source) {
    var normalized = source.replace("\r\n", "\n");
    boolean newlineAtEnd = normalized.endsWith("\n");
    return new TemplateWhitespace(
            newlineAtEnd ? normalized.substring(0, normalized.length() - 1) : normalized)
        .resolve();
  }

  private String resolve() {
    for (int start = nextTag(); start >= 0; start = nextTag()) {
      char kind = source.charAt(start + 1);
      int end = tagEnd(start + 2, kind);
      if (end < 0) {
        // Never closed: left for the template engine to complain about.
        break;
      }
      boolean expression = kind == '{';
      int bodyStart = start + (isSign(start + 2) && start + 2 < end - 2 ? 3 : 2);
      int bodyEnd = end - (isSign(end - 3) && end - 3 >= bodyStart ? 3 : 2);
      appendText(start, sign(bodyStart - 1, start + 1), expression);
      if (kind != '#') {
        resolved.append(source, start, start + 2).append(' ');
        resolved.append(PythonExpressions.rewrite(source.substring(bodyStart, bodyEnd)));
        resolved.append(' ').append(source, end - 2, end);
      }
      skipAfter(end, sign(bodyEnd, end - 2), expression);
    }
    return resolved.append(source, position, source.length()).toString();
  }

  private int nextTag() {
    for (int start = source.indexOf('{', position); start >= 0; ) {
      char kind = start + 1 < source.length() ? source.charAt(start + 1) : ' ';
      if (kind == '{' || kind == '%' || kind == '#') {
        return start;
      }
      start = source.indexOf('{', start + 1);
    }
    return -1;
  }

  /** The position after the tag; quoted strings may hold what would end it, except in a comment. */
  private int tagEnd(int from, char kind) {
    var close = kind == '{' ? "}}" : kind + "}";
    char quote = 0;
    for (int at = from; at < source.length(); at++) {
      char next = source.charAt(at);
      if (quote != 0) {
        if (next == '\\') {
          at++;
        } else if (next == quote) {
          quote = 0;
        }
      } else if (source.startsWith(close, at)) {
        return at + 2;
      } else if (kind != '#' && (next == '\'' || next == '"')) {
        quote = next;
      }
    }
    return -1;
  }

  private boolean isSign(int at) {
    return source.charAt(at) == '-' || source.charAt(at) == '+';
  }

  /** The sign at a place, or a space if that place is the tag's own bracket. */
  private char sign(int at, int bracket) {
    return at == bracket ? ' ' : source.charAt(at);
  }

  private void appendText(int end, char sign, boolean expression) {
    var text = source.substring(position, end);
    if (sign == '-') {
      text = text.stripTrailing();
    } else if (sign == ' ' && !expression) {
      text = withoutIndentation(text);
    }
    if (text.endsWith("{")) {
      // Before a tag it would be read as part of it.
      resolved.append(text, 0, text.length() - 1).append("{{ '{' }}");
    } else {
      resolved.append(text);
    }
  }

  private String withoutIndentation(String text) {
    int lineStart = text.lastIndexOf('\n') + 1;
    boolean atLineStart = lineStart > 0 || startsLine;
    boolean blank = text.substring(lineStart).isBlank();
    return atLineStart && blank ? text.substring(0, lineStart) : text;
  }

  private void skipAfter(int tagEnd, char sign, boolean expression) {
    position = tagEnd;
    if (sign == '-') {
      while (position < source.length() && Character.isWhitespace(source.charAt(position))) {
        position++;
      }
    } else if (sign == ' ' && !expression && source.startsWith("\n", position)) {
      position++;
    }
    startsLine = source.charAt(position - 1) == '\n';
  }
}
