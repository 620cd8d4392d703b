package io.millrace.runtime.engine;

/**
 * Drafts how a completion may go on: as an earlier attempt did, as long as this one does the same;
 * else by {@link PromptLookup}; or by a {@link DraftModel}, where there is one.
 */
final class Drafts {

  /** What speaks for the tokens of a model: no tokens in common. */
  static final int OF_MODEL = 0;

  /** What {@link #match} says of tokens of an earlier attempt: more than of any other. */
  static final int EARLIER_ATTEMPT = PromptLookup.LONGEST_MATCH + 1;

  private final PromptLookup lookup;
  private final int[] earlier;
  private int generated;
  private boolean follows;
  private int match;

  /**
   * @param earlier tokens that an earlier attempt began with
   */
  Drafts(int[] prompt, int[] earlier) {
    this.lookup = new PromptLookup(prompt);
    this.earlier = earlier;
    this.follows = true;
  }

  /** Appends a token of the completion. */
  void add(int token) {
    lookup.add(token);
    follows = follows && generated < earlier.length && earlier[generated] == token;
    generated++;
  }

  /** As {@link DraftModel#draft}, of the tokens so far. */
  int draft(DraftModel model, int[] destination, int from, int most) {
    return model.draft(lookup.tokens(), lookup.length(), destination, from, most);
  }

  /**
   * Drafts the next tokens.
   *
   * @param destination where they go, from index {@code from} on
   * @param most how many at most
   * @return how many; 0 if there is nothing to go by
   */
  int draft(int[] destination, int from, int most) {
    int left = earlier.length - generated;
    if (follows && left > 0) {
      int count = Math.min(left, most);
      System.arraycopy(earlier, generated, destination, from, count);
      match = EARLIER_ATTEMPT;
      return count;
    }
    int count = lookup.draft(destination, from, most);
    match = lookup.match();
    return count;
  }

  /**
   * How much speaks for the last draft: the tokens in common where it was found, or {@link
   * #EARLIER_ATTEMPT}.
   */
  int match() {
    return match;
  }
}
