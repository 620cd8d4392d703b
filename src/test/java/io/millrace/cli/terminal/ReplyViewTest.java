package io.millrace.cli.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.reply.Events;
import io.millrace.cli.reply.Reply;
import io.millrace.events.Status;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ReplyViewTest {

  private final Screen screen = new Screen();
  private final Reply first = new Reply(Events.prompt("a", "Where is my order?"), 0);
  private final Reply second = new Reply(Events.prompt("b", "I want my money back"), 0);

  @Test
  void live_shows_all_that_grow_and_leaves_each_where_it_was_finished() {
    var view = ReplyView.on(terminal(40, 24), 2);
    grow(view, first, 0, "Your order");
    grow(view, second, 0, "I am");
    view.refresh();
    grow(view, second, 1, " sorry");
    view.refresh();
    assertThat(screen.rows())
        .containsExactly(
            "▸ Where is my order?",
            "  Your order▌",
            "",
            "▸ I want my money back",
            "  I am sorry▌",
            "",
            "  0 of 2 answered · 2 being written",
            "");

    finish(view, second, Status.COMPLETED, "I am sorry.");
    view.refresh();
    assertThat(screen.rows())
        .containsExactly(
            "✓ I want my money back",
            "  I am sorry.",
            "",
            "▸ Where is my order?",
            "  Your order▌",
            "",
            "  1 of 2 answered · 1 being written",
            "");

    finish(view, first, Status.FAILED, "Your order");
    view.close();
    assertThat(screen.rows())
        .containsExactly(
            "✓ I want my money back",
            "  I am sorry.",
            "",
            "✗ Where is my order?",
            "  (failed: it broke) Your order",
            "",
            "");
    assertThat(screen.cursorIsHidden()).isFalse();
  }

  @Test
  void live_shows_the_end_of_a_reply_that_is_wider_than_the_screen() {
    var view = ReplyView.on(terminal(24, 24), 2);
    grow(view, first, 0, "Your order is on its way and arrives on Friday");
    view.refresh();

    assertThat(screen.rows()).contains("  … arrives on Friday▌");
    assertThat(screen.rows()).allMatch(row -> DisplayText.width(row) <= 24);
    view.close();
  }

  @Test
  void live_shows_no_more_replies_than_there_are_rows() {
    var view = ReplyView.on(terminal(40, 8), 2);
    grow(view, first, 0, "x");
    grow(view, second, 0, "y");
    view.refresh();

    assertThat(screen.rows().size()).isLessThanOrEqualTo(8);
    assertThat(screen.rows()).contains("  0 of 2 answered · 2 being written");
    view.close();
  }

  @Test
  void plain_prints_each_reply_once_under_its_prompt() {
    var view = ReplyView.on(new Terminal(screen.out(), 80, 24, false, false), 12);
    grow(view, first, 0, "Your");
    view.refresh();
    finish(view, first, Status.COMPLETED, "Your order\nis on its way.");
    view.refresh();
    view.close();

    assertThat(screen.rows())
        .containsExactly("[ 1/12] Where is my order?", "        Your order is on its way.", "", "");
  }

  @Test
  void a_single_reply_is_written_as_it_grows_and_goes_on_after_an_interruption() {
    var notes = new Screen();
    var view = new SingleReplyView(new Terminal(screen.out(), 80, 24, false, false), notes.out());
    grow(view, first, 0, "Your");
    grow(view, first, 1, " order");
    first.accept(Events.token("a", 2, 0, "Your", 9));
    view.grown(first);
    first.accept(Events.token("a", 2, 1, " order is here.", 10));
    view.grown(first);
    finish(view, first, Status.COMPLETED, "Your order is here.");

    assertThat(screen.rows()).containsExactly("Your order is here.", "");
    assertThat(notes.rows().getFirst()).startsWith("2 tokens, the first after 9 ms");
  }

  @Test
  void a_single_reply_keeps_its_line_breaks_and_no_other_control_character() {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, UTF_8);
    var view = new SingleReplyView(new Terminal(out, 80, 24, false, false), screen.out());
    grow(view, first, 0, "a\u009b2J b\u001b[2J\n\tc\u0007\u007f 🙂");

    assertThat(bytes.toString(UTF_8)).isEqualTo("a2J b[2J\n\tc 🙂");
  }

  private Terminal terminal(int columns, int rows) {
    return new Terminal(screen.out(), columns, rows, true, true);
  }

  private static void grow(ReplyView view, Reply reply, int index, String text) {
    reply.accept(Events.token(reply.requestId(), 1, index, text, index));
    view.grown(reply);
  }

  private static void finish(ReplyView view, Reply reply, Status status, String text) {
    reply.accept(Events.completion(reply.requestId(), status, text, 20));
    view.finished(reply);
  }
}
