package io.millrace.runtime.sampling;

import java.util.List;

/**
 * How the next token is chosen; names and ranges are those of the OpenAI and vLLM APIs.
 *
 * <p>Same parameters, same model and same prompt give the same tokens: the random generator is
 * keyed by {@code (seed, position)} and never by slot, batch or time.
 *
 * @param temperature 0 to 2; 0 is greedy
 * @param topP over 0, up to 1; 1 keeps all
 * @param topK number of likeliest tokens kept; 0 keeps all
 * @param minP 0 to 1; drops tokens less likely than this fraction of the likeliest
 * @param repetitionPenalty 0.01 to 100; 1 is none; over prompt and completion
 * @param presencePenalty -2 to 2, over the completion
 * @param frequencyPenalty -2 to 2, over the completion
 * @param seed key of the random generator
 * @param stop the completion ends before the first of these; none is empty
 * @param maxCompletionTokens at least 1
 * @param logprobs whether each token carries its log probability
 */
public record SamplingParameters(
    double temperature,
    double topP,
    int topK,
    double minP,
    double repetitionPenalty,
    double presencePenalty,
    double frequencyPenalty,
    long seed,
    List<String> stop,
    int maxCompletionTokens,
    boolean logprobs) {

  /**
   * @throws InvalidParameterException if a value is outside its range
   */
  public SamplingParameters {
    stop = List.copyOf(stop);
    require("temperature", temperature >= 0 && temperature <= 2, "from 0 to 2", temperature);
    require("top_p", topP > 0 && topP <= 1, "over 0, up to 1", topP);
    require("top_k", topK >= 0, "0 or more", topK);
    require("min_p", minP >= 0 && minP <= 1, "from 0 to 1", minP);
    require(
        "repetition_penalty",
        repetitionPenalty >= 0.01 && repetitionPenalty <= 100,
        "from 0.01 to 100",
        repetitionPenalty);
    require("presence_penalty", Math.abs(presencePenalty) <= 2, "from -2 to 2", presencePenalty);
    require("frequency_penalty", Math.abs(frequencyPenalty) <= 2, "from -2 to 2", frequencyPenalty);
    require("max_completion_tokens", maxCompletionTokens >= 1, "1 or more", maxCompletionTokens);
    require("stop", stop.stream().noneMatch(String::isEmpty), "strings that are not empty", "\"\"");
  }

  private static void require(String name, boolean holds, String range, Object value) {
    if (!holds) {
      throw new InvalidParameterException(name, range, value);
    }
  }

  /** Always the likeliest token. */
  public static SamplingParameters greedy(int maxCompletionTokens) {
    return new SamplingParameters(0, 1, 0, 0, 1, 0, 0, 0, List.of(), maxCompletionTokens, false);
  }
}
