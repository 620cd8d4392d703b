package io.millrace.topology.prompt;

import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.topology.config.SamplingSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
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
   * @throws io.millrace.runtime.sampling.InvalidParameterException if a value is out of range
   */
  SamplingParameters complete(Prompt prompt, int room) {
    var given = prompt.getSampling() == null ? UNSET : prompt.getSampling();
    return new SamplingParameters(
        or(given.getTemperature(), defaults.temperature()),
        or(given.getTopP(), defaults.topP()),
        or(given.getTopK(), defaults.topK()),
        or(given.getMinP(), defaults.minP()),
        or(given.getRepetitionPenalty(), defaults.repetitionPenalty()),
        or(given.getPresencePenalty(), defaults.presencePenalty()),
        or(given.getFrequencyPenalty(), defaults.frequencyPenalty()),
        given.getSeed() == null ? seed(prompt.getRequestId()) : given.getSeed(),
        or(given.getStop(), List.of()),
        Math.min(room, or(given.getMaxCompletionTokens(), defaults.maxCompletionTokens())),
        or(given.getLogprobs(), false));
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
