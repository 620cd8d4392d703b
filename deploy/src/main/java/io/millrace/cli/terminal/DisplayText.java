package io.millrace.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Text in terminal cells: how wide it is, how to cut it, how to wrap it. */
public final class DisplayText {

  private DisplayText() {}

  /**
   * The text on one line and without control characters: neither a prompt nor a model may move the
   * cursor or colour the screen.
   */
  public static String printable(String text) {
    var printable = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c)
        .forEach(printable::appendCodePoint);
    return printable.toString().strip();
  }

  /** Cells that the text takes: two for East Asian characters and emoji, one for others. */
  static int width(String text) {
    return text.codePoints().map(DisplayText::width).sum();
  }

  private static int width(int codePoint) {
    int type = Character.getType(codePoint);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    return switch (Character.UnicodeScript.of(codePoint)) {
      case HAN, HIRAGANA, KATAKANA, HANGUL -> 2;
      default -> Character.isEmojiPresentation(codePoint) || isFullWidth(codePoint) ? 2 : 1;
    };
  }

  private static boolean isFullWidth(int codePoint) {
    return (codePoint >= 0x3000 && codePoint <= 0x303F)
        || (codePoint >= 0xFF01 && codePoint <= 0xFF60);
  }

  /** The text, or as much of its start as fits into that many cells with an ellipsis after it. */
  static String cut(String text, int cells) {
    if (width(text) <= cells) {
      return text;
    }
    return text.substring(0, fitting(text, cells - 1)).stripTrailing() + "…";
  }

  /** The text, or as much of its end as fits into that many cells with an ellipsis before it. */
  static String tail(String text, int cells) {
    if (width(text) <= cells) {
      return text;
    }
    int start = text.length();
    int used = 2;
    while (start > 0) {
      int codePoint = text.codePointBefore(start);
      used += width(codePoint);
      if (used > cells) {
        break;
      }
      start -= Character.charCount(codePoint);
    }
    int space = text.indexOf(' ', start);
    return "… " + text.substring(space < 0 ? start : space + 1);
  }

  /** The text in lines of at most that many cells, broken at spaces where there are any. */
  static List<String> wrap(String text, int cells) {
    List<String> lines = new ArrayList<>();
    var rest = text.strip();
    while (width(rest) > cells) {
      int end = Math.max(fitting(rest, cells), Character.charCount(rest.codePointAt(0)));
      int space = rest.lastIndexOf(' ', end);
      int at = space > 0 ? space : end;
      lines.add(rest.substring(0, at).stripTrailing());
      rest = rest.substring(at).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  /** How many chars of the text fit into that many cells. */
  private static int fitting(String text, int cells) {
    int used = 0;
    int end = 0;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      used += width(codePoint);
      if (used > cells) {
        break;
      }
      end += Character.charCount(codePoint);
    }
    return end;
  }
}
