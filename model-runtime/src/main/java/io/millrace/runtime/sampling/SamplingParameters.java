package io.millrace.runtime.sampling;

import static io.millrace.runtime.sampling.Range.require;

import java.util.Map;

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
 * @param logitBias added to the logits of these tokens, -100 to 100, before anything else
 * @param seed key of the random generator
 * @param end when the completion ends
 * @param logprobs whether each token carries its log probability
 * @param topLogprobs 0 to 20; how many of the likeliest tokens each token carries with theirs
 */
public record SamplingParameters(
    double temperature,
    double topP,
    int topK,
    double minP,
    double repetitionPenalty,
    double presencePenalty,
    double frequencyPenalty,
    Map<Integer, Double> logitBias,
    long seed,
    EndConditions end,
    boolean logprobs,
    int topLogprobs) {

  static final int MOST_BIASES = 300;
  static final int MOST_TOP_LOGPROBS = 20;

  /**
   * @throws InvalidParameterException if a value is outside its range
   */
  public SamplingParameters {
    logitBias = Map.copyOf(logitBias);
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
    require(
        "logit_bias",
        logitBias.size() <= MOST_BIASES,
        "at most " + MOST_BIASES + " entries",
        logitBias.size());
    logitBias.forEach(
        (token, bias) ->
            require(
                "logit_bias",
                token >= 0 && Math.abs(bias) <= 100,
                "from -100 to 100 for ids of tokens",
                token + ": " + bias));
    require(
        "top_logprobs",
        topLogprobs >= 0 && topLogprobs <= MOST_TOP_LOGPROBS,
        "from 0 to " + MOST_TOP_LOGPROBS,
        topLogprobs);
  }

  public int maxCompletionTokens() {
    return end.maxCompletionTokens();
  }

  /** Always the likeliest token. */
  public static SamplingParameters greedy(int maxCompletionTokens) {
    return new SamplingParameters(
        0, 1, 0, 0, 1, 0, 0, Map.of(), 0, EndConditions.after(maxCompletionTokens), false, 0);
  }
}
