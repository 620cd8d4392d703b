package io.millrace.runtime.sampling;

import java.util.List;
import java.util.Set;

/**
 * When a completion ends; names and ranges are those of the OpenAI and vLLM APIs.
 *
 * @param stop it ends before the first of these strings; none is empty
 * @param stopTokens it ends before the first of these tokens, as before the model's own end tokens
 * @param ignoresEndTokens whether it goes on after the model's own end tokens
 * @param minTokens 0 or more; before these it ends by none of the above, and the tokens that end it
 *     are not chosen
 * @param maxCompletionTokens at least 1, and at least {@code minTokens}
 */
public record EndConditions(
    List<String> stop,
    Set<Integer> stopTokens,
    boolean ignoresEndTokens,
    int minTokens,
    int maxCompletionTokens) {

  static final int MOST_STOP_TOKENS = 128;

  /**
   * @throws InvalidParameterException if a value is outside its range
   */
  public EndConditions {
    stop = List.copyOf(stop);
    stopTokens = Set.copyOf(stopTokens);
    Range.require(
        "max_completion_tokens", maxCompletionTokens >= 1, "1 or more", maxCompletionTokens);
    Range.require(
        "min_tokens",
        minTokens >= 0 && minTokens <= maxCompletionTokens,
        "from 0 to max_completion_tokens",
        minTokens);
    Range.require(
        "stop", stop.stream().noneMatch(String::isEmpty), "strings that are not empty", "\"\"");
    Range.require(
        "stop_token_ids",
        stopTokens.size() <= MOST_STOP_TOKENS,
        "at most " + MOST_STOP_TOKENS + " ids",
        stopTokens.size());
    stopTokens.forEach(
        token -> Range.require("stop_token_ids", token >= 0, "ids of tokens", token));
  }

  /** The same where there is room for so many tokens, 1 or more. */
  public EndConditions within(int room) {
    return new EndConditions(
        stop,
        stopTokens,
        ignoresEndTokens,
        Math.min(minTokens, room),
        Math.min(maxCompletionTokens, room));
  }

  /** The model's own end, or so many tokens. */
  public static EndConditions after(int maxCompletionTokens) {
    return new EndConditions(List.of(), Set.of(), false, 0, maxCompletionTokens);
  }
}
