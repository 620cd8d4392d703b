package io.millrace.cli.terminal;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a terminal shows of what was written to it: knows the few control sequences that are used
 * here, and fails on any other. It never scrolls: its list of rows only grows.
 */
final class Screen {

  private static final Pattern SEQUENCE = Pattern.compile("\033\\[(\\??[0-9;]*)([A-Za-z])");

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  PrintStream out() {
    return new PrintStream(written, true, StandardCharsets.UTF_8);
  }

  boolean cursorIsHidden() {
    var text = written.toString(StandardCharsets.UTF_8);
    return text.lastIndexOf("\033[?25l") > text.lastIndexOf("\033[?25h");
  }

  /** The rows, without what only colours. */
  List<String> rows() {
    List<StringBuilder> rows = new ArrayList<>();
    rows.add(new StringBuilder());
    int row = 0;
    int column = 0;
    var text = written.toString(StandardCharsets.UTF_8);
    var sequence = SEQUENCE.matcher(text);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\033') {
        if (!sequence.find(i) || sequence.start() != i) {
          throw new AssertionError("not a control sequence at " + i);
        }
        switch (sequence.group(2)) {
          case "A" -> row -= Integer.parseInt(sequence.group(1));
          case "J" -> {
            rows.subList(row + 1, rows.size()).clear();
            rows.get(row).setLength(column);
          }
          case "m", "h", "l" -> {}
          default -> throw new AssertionError("unknown: " + sequence.group());
        }
        i = sequence.end() - 1;
      } else if (c == '\r') {
        column = 0;
      } else if (c == '\n') {
        row++;
        column = 0;
        if (row == rows.size()) {
          rows.add(new StringBuilder());
        }
      } else {
        rows.get(row).setLength(Math.max(rows.get(row).length(), column));
        rows.get(row).replace(column, column + 1, String.valueOf(c));
        column++;
      }
    }
    return rows.stream().map(StringBuilder::toString).toList();
  }
}
