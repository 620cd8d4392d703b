package io.millrace.runtime.engine;

import io.millrace.runtime.engine.EngineEvent.FinishReason;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.sampling.Sampler;
import io.millrace.runtime.session.Decoder;
import io.millrace.runtime.tokenizer.Vocabulary;
import java.util.Set;

/** Makes a row's next token from the logits of the last step. Belongs to the engine's thread. */
final class NextToken {

  private final Decoder decoder;
  private final Sampler sampler;
  private final Vocabulary vocabulary;
  private final Set<Integer> endTokens;
  private final Endings endings;
  private final EngineMeters meters;

  NextToken(
      Decoder decoder,
      Vocabulary vocabulary,
      Set<Integer> endTokens,
      Endings endings,
      EngineMeters meters) {
    this.decoder = decoder;
    this.sampler = new Sampler(decoder.vocabularySize(), endTokens);
    this.vocabulary = vocabulary;
    this.endTokens = endTokens;
    this.endings = endings;
    this.meters = meters;
  }

  /**
   * Samples and tells it, or the end that it means.
   *
   * @param row of the logits
   */
  void advance(Generation generation, int row, long now) {
    int token = choose(generation.sequence(), row);
    if (generation.endsBefore(token, endTokens)) {
      endings.complete(generation, FinishReason.STOP, now);
      return;
    }
    meters.generated();
    boolean stopped = generation.generated(token, sampler, vocabulary, now);
    if (stopped) {
      endings.complete(generation, FinishReason.STOP, now);
    } else if (left(generation) <= 0) {
      endings.complete(generation, FinishReason.LENGTH, now);
    }
  }

  /** How many more tokens a generation may have at most. */
  int left(Generation generation) {
    int generated = generation.usage().completionTokens();
    return Math.min(
        generation.maxCompletionTokens() - generated,
        decoder.capacity() - generation.promptTokens() - generated);
  }

  /** Logits are read only if more than the largest of them is wanted. */
  private int choose(Sampler.Sequence sequence, int row) {
    if (sequence.wantsOnlyTheLargest()) {
      int mostLikely = decoder.mostLikely(row);
      if (mostLikely >= 0) {
        sampler.took(sequence);
        return mostLikely;
      }
    }
    decoder.readLogits(row, sampler.logits().bits());
    return sampler.sample(sequence);
  }
}
