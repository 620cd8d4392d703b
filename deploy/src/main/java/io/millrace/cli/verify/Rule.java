package io.millrace.cli.verify;

/** What a processor promises of its topics. */
public enum Rule {
  /** Every accepted prompt gets a terminal event. */
  NOT_LOST("a prompt without a terminal event"),
  /** No more than one. */
  ENDS_ONCE("more terminal events than accepted prompts"),
  /** A rejection says why in a dead letter. */
  REJECTION_HAS_LETTER("a rejection without its dead letter"),
  /** So does a failure. */
  FAILURE_HAS_LETTER("a failure without its dead letter"),
  /** A record that is no prompt becomes a dead letter. */
  LETTER_FOR_UNREADABLE("a record that is no prompt and has no dead letter"),
  /** Every terminal event has one usage record, which says the same. */
  USAGE("terminal events and usage records do not match"),
  /** Token indexes have no gaps and no repeats. */
  TOKEN_INDEXES("token indexes with gaps or repeats"),
  /** A completion's text is that of its tokens. */
  TEXT("a text that is not that of its tokens"),
  /** Prompts of one conversation are answered in the order in which they came. */
  CONVERSATION_ORDER("a conversation answered out of order"),
  /** Events can be read. */
  READABLE("an event that cannot be read");

  private final String breach;

  Rule(String breach) {
    this.breach = breach;
  }

  /** What it is called when it does not hold. */
  public String breach() {
    return breach;
  }
}
