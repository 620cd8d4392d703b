package io.millrace.topology.prompt;

import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.InvalidParameterException;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.topology.config.SamplingSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fills in what a prompt leaves open. */
final class SamplingDefaults {

  private static final Sampling UNSET = Sampling.newBuilder().build();

  private final SamplingSettings defaults;

  SamplingDefaults(SamplingSettings defaults) {
    this.defaults = defaults;
  }

  /**
   * The settings in force.
   *
   * @param room the most tokens that the context can still take, at least 1
   * @param vocabularySize of the model, whose tokens the prompt may name
   * @throws io.millrace.runtime.sampling.InvalidParameterException if a value is out of range
   */
  SamplingParameters complete(Prompt prompt, int room, int vocabularySize) {
    var given = prompt.getSampling() == null ? UNSET : prompt.getSampling();
    return new SamplingParameters(
        or(given.getTemperature(), defaults.temperature()),
        or(given.getTopP(), defaults.topP()),
        or(given.getTopK(), defaults.topK()),
        or(given.getMinP(), defaults.minP()),
        or(given.getRepetitionPenalty(), defaults.repetitionPenalty()),
        or(given.getPresencePenalty(), defaults.presencePenalty()),
        or(given.getFrequencyPenalty(), defaults.frequencyPenalty()),
        logitBias(or(given.getLogitBias(), Map.of()), vocabularySize),
        given.getSeed() == null ? seed(prompt.getRequestId()) : given.getSeed(),
        end(given, room, vocabularySize),
        or(given.getLogprobs(), false),
        or(given.getTopLogprobs(), 0));
  }

  private EndConditions end(Sampling given, int room, int vocabularySize) {
    List<Integer> stopTokens = or(given.getStopTokenIds(), List.of());
    stopTokens.forEach(token -> requireKnown("stop_token_ids", token, vocabularySize));
    return new EndConditions(
            or(given.getStop(), List.of()),
            new HashSet<>(stopTokens),
            or(given.getIgnoreEos(), false),
            or(given.getMinTokens(), 0),
            or(given.getMaxCompletionTokens(), defaults.maxCompletionTokens()))
        .within(room);
  }

  private static Map<Integer, Double> logitBias(Map<String, Double> given, int vocabularySize) {
    Map<Integer, Double> byToken = new HashMap<>();
    given.forEach(
        (id, bias) -> {
          int token = tokenId(id);
          requireKnown("logit_bias", token, vocabularySize);
          byToken.put(token, bias);
        });
    return byToken;
  }

  private static int tokenId(String id) {
    try {
      return Integer.parseInt(id);
    } catch (NumberFormatException notANumber) {
      throw new InvalidParameterException("logit_bias", "by ids of tokens", "by something else");
    }
  }

  private static void requireKnown(String name, int token, int vocabularySize) {
    if (token < 0 || token >= vocabularySize) {
      throw new InvalidParameterException(
          name, "of tokens from 0 to " + (vocabularySize - 1), token);
    }
  }

  private static <T> T or(@Nullable T given, T otherwise) {
    return given == null ? otherwise : given;
  }

  /** The first eight bytes of the id's SHA-256, so that a replay draws the same. */
  private static long seed(String requestId) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(requestId.getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException exception) {
      throw new IllegalStateException("every Java has SHA-256", exception);
    }
  }
}
