package io.millrace.cli.terminal;

import io.millrace.cli.reply.Reply;
import io.millrace.cli.terminal.Terminal.Style;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws the replies that are growing at the bottom of the screen, over and over, and lets each
 * scroll away above them once it is finished.
 *
 * <p>A frame is composed whole and written at once, so that a terminal never shows half of one.
 */
final class LiveReplyView implements ReplyView {

  private static final String HIDE_CURSOR = "\033[?25l";
  private static final String SHOW_CURSOR = "\033[?25h";
  private static final String CLEAR_BELOW = "\033[J";
  private static final String INDENT = "  ";

  /** A question, the end of its reply, and a blank line. */
  private static final int ROWS_PER_REPLY = 3;

  private final Terminal terminal;
  private final int prompts;
  private final Map<String, Reply> growing = new LinkedHashMap<>();
  private final List<Reply> justFinished = new ArrayList<>();
  private int finished;
  private int rowsDrawn;
  private boolean changed;

  LiveReplyView(Terminal terminal, int prompts) {
    this.terminal = terminal;
    this.prompts = prompts;
    terminal.out().print(HIDE_CURSOR);
    // Ctrl-C must not leave the shell without a cursor.
    Runtime.getRuntime().addShutdownHook(new Thread(this::showCursor, "show-cursor"));
  }

  @Override
  public void grown(Reply reply) {
    if (reply.completion().isEmpty()) {
      growing.put(reply.requestId(), reply);
      changed = true;
    }
  }

  @Override
  public void finished(Reply reply) {
    growing.remove(reply.requestId());
    justFinished.add(reply);
    finished++;
    changed = true;
  }

  @Override
  public void refresh() {
    if (!changed) {
      return;
    }
    changed = false;
    var frame = new StringBuilder();
    if (rowsDrawn > 0) {
      frame.append("\033[%dA".formatted(rowsDrawn));
    }
    frame.append('\r').append(CLEAR_BELOW);
    justFinished.forEach(reply -> appendFinished(frame, reply));
    justFinished.clear();
    rowsDrawn = finished < prompts ? appendGrowing(frame) : 0;
    terminal.out().print(frame);
    terminal.out().flush();
  }

  @Override
  public void close() {
    refresh();
    showCursor();
  }

  private void appendFinished(StringBuilder frame, Reply reply) {
    var mark =
        reply.isCompleted() ? terminal.styled(Style.GREEN, "✓ ") : terminal.styled(Style.RED, "✗ ");
    frame.append(mark).append(question(reply)).append('\n');
    for (var line : DisplayText.wrap(Outcome.of(reply), terminal.columns() - INDENT.length())) {
      frame.append(INDENT).append(line).append('\n');
    }
    frame.append('\n');
  }

  private int appendGrowing(StringBuilder frame) {
    int most = (terminal.rows() - 2) / ROWS_PER_REPLY;
    var shown = growing.values().stream().limit(most).toList();
    for (var reply : shown) {
      // The cursor's cell is the last one of the row.
      int room = terminal.columns() - INDENT.length() - 1;
      var end = DisplayText.tail(DisplayText.printable(reply.text()), room);
      frame.append(terminal.styled(Style.CYAN, "▸ ")).append(question(reply)).append('\n');
      frame.append(INDENT).append(end).append(terminal.styled(Style.CYAN, "▌"));
      frame.append("\n\n");
    }
    var status =
        "%d of %d answered · %d being written".formatted(finished, prompts, growing.size());
    var fitting = DisplayText.cut(status, terminal.columns() - INDENT.length());
    frame.append(INDENT).append(terminal.styled(Style.FAINT, fitting)).append('\n');
    return shown.size() * ROWS_PER_REPLY + 1;
  }

  private String question(Reply reply) {
    var question = DisplayText.printable(reply.question());
    var fitting = DisplayText.cut(question, terminal.columns() - INDENT.length());
    return terminal.styled(Style.BOLD, fitting);
  }

  private void showCursor() {
    terminal.out().print(SHOW_CURSOR);
    terminal.out().flush();
  }
}
