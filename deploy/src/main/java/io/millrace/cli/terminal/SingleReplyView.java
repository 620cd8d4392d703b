package io.millrace.cli.terminal;

import io.millrace.cli.reply.Reply;
import io.millrace.cli.terminal.Terminal.Style;
import java.io.PrintStream;
import java.util.Locale;

/** Writes one reply as it grows, and nothing else to the same stream; figures go to another. */
public final class SingleReplyView implements ReplyView {

  private final Terminal terminal;
  private final PrintStream notes;
  private String written = "";

  /**
   * @param notes where the line of figures after the reply goes
   */
  public SingleReplyView(Terminal terminal, PrintStream notes) {
    this.terminal = terminal;
    this.notes = notes;
  }

  @Override
  public void grown(Reply reply) {
    write(reply.text());
  }

  @Override
  public void finished(Reply reply) {
    if (reply.isCompleted()) {
      write(reply.text());
    } else {
      write(written);
      terminal.out().print(Outcome.of(reply));
    }
    terminal.out().println();
    terminal.out().flush();
    notes.println(terminal.styled(Style.FAINT, figures(reply)));
  }

  /**
   * Writes what is new. After an interruption the reply begins again, and since the same prompt
   * gives the same tokens, it catches up with what is there; should it differ, it is written anew.
   */
  private void write(String text) {
    if (written.startsWith(text)) {
      return;
    }
    if (text.startsWith(written)) {
      terminal.out().print(safe(text.substring(written.length())));
    } else {
      terminal.out().println();
      terminal.out().print(safe(text));
    }
    terminal.out().flush();
    written = text;
  }

  /** Line breaks are the model's to make, other control characters are not. */
  private static String safe(String text) {
    var safe = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> c == '\n' || c == '\t' || !Character.isISOControl(c))
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }

  private static String figures(Reply reply) {
    var tokens = reply.tokenNanos();
    if (tokens.isEmpty()) {
      return "";
    }
    double firstMillis = (tokens.getFirst() - reply.sentNanos()) / 1e6;
    double spanSeconds = (tokens.getLast() - tokens.getFirst()) / 1e9;
    var rate =
        tokens.size() < 2 || spanSeconds == 0
            ? ""
            : ", then %.0f tokens/s".formatted((tokens.size() - 1) / spanSeconds);
    return String.format(
        Locale.ROOT, "%d tokens, the first after %.0f ms%s", tokens.size(), firstMillis, rate);
  }

  @Override
  public void refresh() {}

  @Override
  public void close() {}
}
