package io.millrace.cli.terminal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * What standard output is: how many cells it has, and whether it can be drawn on.
 *
 * @param columns cells in a row
 * @param rows rows on the screen
 * @param live whether a person watches and the cursor can be moved
 * @param colored whether colours are wanted
 */
public record Terminal(PrintStream out, int columns, int rows, boolean live, boolean colored) {

  private static final int COLUMNS = 80;
  private static final int ROWS = 24;

  /** Past this a line is hard to read, however wide the window. */
  private static final int WIDEST = 100;

  public Terminal {
    columns = Math.clamp(columns, 20, WIDEST);
    rows = Math.max(rows, 6);
  }

  /** Looks at this process's standard output; honours {@code TERM=dumb} and {@code NO_COLOR}. */
  @SuppressWarnings("SystemConsoleNull") // Java 25 has it null again where no one watches
  public static Terminal ofStandardOutput() {
    var console = System.console();
    boolean live =
        console != null
            && console.isTerminal()
            && !"dumb".equals(System.getenv().getOrDefault("TERM", "dumb"));
    var noColor = System.getenv().getOrDefault("NO_COLOR", "");
    int[] size = live ? size() : new int[] {ROWS, COLUMNS};
    return new Terminal(System.out, size[1], size[0], live, live && noColor.isEmpty());
  }

  /** The same terminal, written to through another stream. */
  public Terminal on(PrintStream stream) {
    return new Terminal(stream, columns, rows, live, colored);
  }

  /** Wraps text in a style if colours are wanted. */
  public String styled(Style style, String text) {
    return colored ? style.start + text + Style.END : text;
  }

  /** How a piece of text stands out. */
  public enum Style {
    BOLD("\033[1m"),
    FAINT("\033[2m"),
    GREEN("\033[32m"),
    RED("\033[31m"),
    CYAN("\033[36m");

    private static final String END = "\033[0m";

    private final String start;

    Style(String start) {
      this.start = start;
    }
  }

  /** Rows and columns: Java cannot ask the terminal, stty can. */
  private static int[] size() {
    var device = Path.of("/dev/tty");
    if (Files.isReadable(device)) {
      try {
        var stty =
            new ProcessBuilder("stty", "size")
                .redirectInput(device.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
          var answer =
              new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
          var space = answer.indexOf(' ');
          int rows = Integer.parseInt(answer.substring(0, space));
          int columns = Integer.parseInt(answer.substring(space + 1));
          if (rows > 0 && columns > 0) {
            return new int[] {rows, columns};
          }
        }
      } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
        return new int[] {ROWS, COLUMNS};
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return new int[] {ROWS, COLUMNS};
  }
}
