package io.millrace.batching;

/** A prompt in the waiting room. Told apart by identity. */
final class Waiting<P extends Schedulable> {

  private final P prompt;
  private final long arrivedNanos;
  private final long number;

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
}
