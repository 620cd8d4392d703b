package io.millrace.cli.terminal;

import io.millrace.cli.reply.Reply;

/**
 * Prints each reply whole, under its prompt, when it is finished: replies grow side by side, and a
 * file or a pipe cannot show that without mixing them up.
 */
final class PlainReplyView implements ReplyView {

  private final Terminal terminal;
  private final int prompts;
  private int finished;

  PlainReplyView(Terminal terminal, int prompts) {
    this.terminal = terminal;
    this.prompts = prompts;
  }

  @Override
  public void grown(Reply reply) {}

  @Override
  public void finished(Reply reply) {
    finished++;
    var digits = Integer.toString(prompts).length();
    var mark = ("[%" + digits + "d/%d] ").formatted(finished, prompts);
    var out = terminal.out();
    out.println(mark + DisplayText.printable(reply.question()));
    out.println(" ".repeat(mark.length()) + Outcome.of(reply));
    out.println();
    out.flush();
  }

  @Override
  public void refresh() {}

  @Override
  public void close() {}
}
