package io.millrace.runtime.export.checkpoint;

import java.util.List;
import java.util.OptionalInt;

/**
 * Token ids that mean something to the engine.
 *
 * @param beginningOfSequence first token of a sequence, where the model has one
 * @param endOfSequence tokens after which the model has nothing more to say, at least one
 * @param padding fills rows of a batch; the first end token where the model names none
 */
public record SpecialTokens(
    OptionalInt beginningOfSequence, List<Integer> endOfSequence, int padding) {

  public SpecialTokens {
    endOfSequence = List.copyOf(endOfSequence);
    if (endOfSequence.isEmpty()) {
      throw new IllegalArgumentException("at least one end-of-sequence token is needed");
    }
  }
}
