package io.millrace.topology.config;

/**
 * A setting that does not go together with others, or with those of brokers and topics.
 *
 * @param reason which one, and what comes of it
 * @param mend what to do about it
 */
public record UnsafeSetting(String reason, String mend) {

  @Override
  public String toString() {
    return reason + "; " + mend;
  }
}
