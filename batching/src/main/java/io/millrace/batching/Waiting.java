package io.millrace.batching;

/** A prompt in the waiting room, or one that left it for a slot. Told apart by identity. */
final class Waiting<P extends Schedulable> {

  private final P prompt;
  private final long arrivedNanos;
  private final long number;
  private long chargedTokens;

  /**
   * @param number in order of arrival
   */
  Waiting(P prompt, long arrivedNanos, long number) {
    this.prompt = prompt;
    this.arrivedNanos = arrivedNanos;
    this.number = number;
  }

  P prompt() {
    return prompt;
  }

  long arrivedNanos() {
    return arrivedNanos;
  }

  long number() {
    return number;
  }

  /** The tokens that its flow was charged for it. */
  long chargedTokens() {
    return chargedTokens;
  }

  void charge(long tokens) {
    chargedTokens = tokens;
  }
}
