package io.millrace.runtime.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the engine tells of a request: any number of {@link Token}s in order of their index, then
 * exactly one terminal event, after which nothing more comes for that request.
 */
public sealed interface EngineEvent {

  String requestId();

  int attempt();

  /**
   * One generated token.
   *
   * @param index from 0, without gaps
   * @param text whole characters; empty while a character or a stop string is undecided. Joined
   *     over all tokens it is the completion's text
   * @param isCutOff whether the text has more in it than this token made certain, because nothing
   *     follows: half a character, or what might have become a stop string. A generation that goes
   *     on behind this token gives it another text
   * @param logprob natural logarithm under the model's own distribution, or null if not asked for
   * @param topLogprobs the likeliest tokens, as many as were asked for, the likeliest first
   */
  record Token(
      String requestId,
      int attempt,
      int index,
      int tokenId,
      String text,
      boolean isCutOff,
      @Nullable Float logprob,
      List<TopLogprob> topLogprobs)
      implements EngineEvent {

    public Token {
      topLogprobs = List.copyOf(topLogprobs);
    }

    /** The same token as the last one, with what was held back. */
    Token cutOffWith(String rest) {
      return new Token(requestId, attempt, index, tokenId, text + rest, true, logprob, topLogprobs);
    }
  }

  /**
   * One of the likeliest tokens at a place.
   *
   * @param text of this token alone; what is not whole characters becomes U+FFFD
   * @param logprob natural logarithm under the model's own distribution
   */
  record TopLogprob(int tokenId, String text, float logprob) {}

  /** The last event of a request. */
  sealed interface Terminal extends EngineEvent {
    GenerationUsage usage();
  }

  /** The model ended its turn, a stop string or token came, or the token limit was reached. */
  record Completed(String requestId, int attempt, FinishReason reason, GenerationUsage usage)
      implements Terminal {}

  /** The deadline passed, before or while it ran. */
  record Expired(String requestId, int attempt, GenerationUsage usage) implements Terminal {}

  /** {@link EngineChannel#cancel} was called. */
  record Cancelled(String requestId, int attempt, GenerationUsage usage) implements Terminal {}

  /**
   * The engine could not go on with this request.
   *
   * @param code stable, lower case: {@code engine_failure}, {@code step_stopped}
   * @param message for people; holds no prompt text
   * @param retryable whether the same request may do better another time
   */
  record Failed(
      String requestId,
      int attempt,
      String code,
      String message,
      boolean retryable,
      GenerationUsage usage)
      implements Terminal {}

  /** Why a completion ended. */
  enum FinishReason {
    /** The model's end token, or a stop string or token. */
    STOP,
    /** The token limit or the end of the context. */
    LENGTH
  }
}
