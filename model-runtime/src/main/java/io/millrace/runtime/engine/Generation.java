package io.millrace.runtime.engine;

import io.millrace.batching.Schedulable;
import io.millrace.runtime.engine.EngineEvent.Token;
import io.millrace.runtime.engine.EngineEvent.TopLogprob;
import io.millrace.runtime.sampling.Sampler;
import io.millrace.runtime.tokenizer.TextAssembler;
import io.millrace.runtime.tokenizer.Vocabulary;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the engine: what has been computed, what has been told, how long
 * it took.
 *
 * <p>Made by the channel's owner, then touched by the engine's thread only, {@link #markCancelled}
 * excepted.
 */
final class Generation implements Schedulable {

  private final GenerationRequest request;
  private final QueuedChannel channel;
  private final UsageMeter usage;
  private final Queue<EngineEvent> outbox = new ArrayDeque<>();

  private final Sampler.Sequence sequence;
  private @Nullable Drafts drafts;
  private @Nullable TextAssembler text;
  private @Nullable Token withheld;

  private int prefilled;
  private int lastToken;
  private boolean ended;

  /** Touched by the owner's thread only. */
  private boolean cancelled;

  Generation(GenerationRequest request, QueuedChannel channel, int contextLength, long nowNanos) {
    this.request = request;
    this.channel = channel;
    this.usage = new UsageMeter(nowNanos);
    this.sequence = new Sampler.Sequence(request.sampling(), request.tokens(), contextLength);
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  @Override
  public int promptTokens() {
    return request.promptTokens();
  }

  @Override
  public int maxCompletionTokens() {
    return request.maxCompletionTokens();
  }

  @Override
  public int priority() {
    return request.priority();
  }

  @Override
  public long deadlineNanos() {
    return request.deadlineNanos();
  }

  @Override
  public String tenant() {
    return request.tenant();
  }

  @Override
  public Object source() {
    return channel;
  }

  GenerationRequest request() {
    return request;
  }

  QueuedChannel channel() {
    return channel;
  }

  UsageMeter usage() {
    return usage;
  }

  Sampler.Sequence sequence() {
    return sequence;
  }

  /** For the channel's owner: true the first time. */
  boolean markCancelled() {
    boolean first = !cancelled;
    cancelled = true;
    return first;
  }

  /** Prompt tokens that are in the slot. */
  int prefilled() {
    return prefilled;
  }

  void prefilledUpTo(int position) {
    prefilled = position;
  }

  boolean isPrefilled() {
    return prefilled == request.promptTokens();
  }

  /** Whether it can take part in the next decode step. */
  boolean isDecodable() {
    return isPrefilled() && outbox.isEmpty();
  }

  /** The token that the next decode step appends. */
  int lastToken() {
    return lastToken;
  }

  /** How it may go on. */
  Drafts drafts() {
    if (drafts == null) {
      drafts = new Drafts(request.tokens(), request.draft());
    }
    return drafts;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether a token ends the completion, before it. */
  boolean endsBefore(int token, Set<Integer> endTokens) {
    var end = request.sampling().end();
    return end.stopTokens().contains(token)
        || (!end.ignoresEndTokens() && endTokens.contains(token));
  }

  /** Takes a token in that was just sampled; true if a stop string ended the text with it. */
  boolean generated(int token, Sampler sampler, Vocabulary vocabulary, long nowNanos) {
    var assembler = assembler(vocabulary);
    lastToken = token;
    drafts().add(token);
    var event =
        new Token(
            request.requestId(),
            request.attempt(),
            usage.token(nowNanos),
            token,
            sequence.mustGoOn() ? assembler.addBeforeEnd(token) : assembler.add(token),
            false,
            request.sampling().logprobs() ? sampler.logProbability() : null,
            topLogprobs(sampler, vocabulary));
    emitWithheld("");
    if (assembler.isHoldingBack()) {
      withheld = event;
    } else {
      emit(event);
    }
    return assembler.isStopped();
  }

  private static List<TopLogprob> topLogprobs(Sampler sampler, Vocabulary vocabulary) {
    return sampler.topLogprobs().stream()
        .map(top -> new TopLogprob(top.token(), vocabulary.text(top.token()), top.logprob()))
        .toList();
  }

  private TextAssembler assembler(Vocabulary vocabulary) {
    if (text == null) {
      text = new TextAssembler(vocabulary, request.sampling().end().stop());
    }
    return text;
  }

  /** Tells the end; after that nothing changes any more. */
  void end(EngineEvent.Terminal event) {
    emitWithheld(text == null ? "" : text.finish());
    emit(event);
    ended = true;
  }

  /** Ends without telling anyone. */
  void abandon() {
    outbox.clear();
    ended = true;
  }

  /**
   * A token whose text is not certain to the end waits for the next one, or for the end, which adds
   * what was held back.
   */
  private void emitWithheld(String rest) {
    var token = withheld;
    if (token != null) {
      withheld = null;
      emit(rest.isEmpty() ? token : token.cutOffWith(rest));
    }
  }

  private void emit(EngineEvent event) {
    if (!outbox.isEmpty() || !channel.offer(event)) {
      outbox.add(event);
    }
  }

  /** Hands on what found no room before; returns whether all of it has gone. */
  boolean deliver() {
    while (!outbox.isEmpty() && channel.offer(outbox.element())) {
      outbox.remove();
    }
    return outbox.isEmpty();
  }

  boolean isDelivered() {
    return outbox.isEmpty();
  }
}
