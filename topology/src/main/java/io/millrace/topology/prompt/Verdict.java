package io.millrace.topology.prompt;

import io.millrace.events.Prompt;
import io.millrace.runtime.sampling.SamplingParameters;

/** What the validator says of a prompt. */
public sealed interface Verdict {

  /**
   * Ready for the engine.
   *
   * @param tokens the encoded prompt, at least one token; not copied, not to be changed
   * @param sampling the settings in force, defaults filled in
   */
  @SuppressWarnings("ArrayRecordComponent") // no one compares prompts
  record Valid(Prompt prompt, int[] tokens, SamplingParameters sampling) implements Verdict {}

  /** Not to be taken on. */
  record Invalid(Rejection rejection) implements Verdict {}
}
