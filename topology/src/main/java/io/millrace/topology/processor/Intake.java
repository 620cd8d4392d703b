package io.millrace.topology.processor;

import io.millrace.events.Prompt;
import io.millrace.topology.prompt.Rejection;
import io.millrace.topology.prompt.Verdict;
import org.jspecify.annotations.Nullable;

/** What a decoded record asks of the inference processor. */
public sealed interface Intake {

  /**
   * Answer this prompt.
   *
   * @param value the original bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // no one compares them
  record Accepted(Origin origin, Verdict.Valid prompt, byte[] value) implements Intake {}

  /**
   * Say that this record is not taken on.
   *
   * @param value the original bytes
   * @param prompt as far as it could be made out
   */
  @SuppressWarnings("ArrayRecordComponent") // no one compares rejections
  record Rejected(
      Origin origin, Rejection rejection, byte @Nullable [] value, @Nullable Prompt prompt)
      implements Intake {}

  /** End a prompt that is in flight; ignored if it is not. */
  record Cancel(String requestId) implements Intake {}
}
