package io.millrace.cli.terminal;

import io.millrace.cli.reply.Reply;

/** Shows many replies that grow at the same time. For one thread. */
public sealed interface ReplyView extends AutoCloseable
    permits LiveReplyView, PlainReplyView, SingleReplyView {

  /**
   * The view that suits the terminal.
   *
   * @param prompts how many replies are expected
   */
  static ReplyView on(Terminal terminal, int prompts) {
    return terminal.live()
        ? new LiveReplyView(terminal, prompts)
        : new PlainReplyView(terminal, prompts);
  }

  /** A reply has grown. */
  void grown(Reply reply);

  /** A reply has its terminal event; it will not change again. */
  void finished(Reply reply);

  /** Called some thirty times a second, for views that draw. */
  void refresh();

  /** Leaves the terminal as a shell expects it. */
  @Override
  void close();
}
