package io.millrace.schemas.json;

import io.millrace.events.Sampling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the sampling parameters of a prompt, from the top or from {@code sampling}. */
final class SamplingFields {

  private final JsonField body;
  private boolean isAnyGiven;

  private SamplingFields(JsonField body) {
    this.body = body;
  }

  /** Null where the prompt gives no parameter. */
  static @Nullable Sampling read(JsonField body) {
    var nested = body.field("sampling");
    if (!nested.isAbsent()) {
      nested.object();
    }
    return new SamplingFields(body).sampling();
  }

  private @Nullable Sampling sampling() {
    var sampling = new Sampling();
    sampling.setTemperature(value("temperature", JsonField::number));
    sampling.setTopP(value("top_p", JsonField::number));
    sampling.setTopK(value("top_k", JsonField::int32));
    sampling.setMinP(value("min_p", JsonField::number));
    sampling.setRepetitionPenalty(value("repetition_penalty", JsonField::number));
    sampling.setPresencePenalty(value("presence_penalty", JsonField::number));
    sampling.setFrequencyPenalty(value("frequency_penalty", JsonField::number));
    sampling.setSeed(value("seed", JsonField::int64));
    sampling.setStop(value("stop", SamplingFields::stop));
    sampling.setStopTokenIds(value("stop_token_ids", SamplingFields::tokens));
    sampling.setIgnoreEos(value("ignore_eos", JsonField::flag));
    sampling.setMinTokens(value("min_tokens", JsonField::int32));
    var limit = value("max_completion_tokens", JsonField::int32);
    var legacyLimit = value("max_tokens", JsonField::int32);
    sampling.setMaxCompletionTokens(limit != null ? limit : legacyLimit);
    sampling.setLogitBias(value("logit_bias", SamplingFields::bias));
    sampling.setLogprobs(value("logprobs", SamplingFields::logprobs));
    var top = value("top_logprobs", JsonField::int32);
    sampling.setTopLogprobs(top != null ? top : value("logprobs", SamplingFields::legacyTop));
    return isAnyGiven || !body.field("sampling").isAbsent() ? sampling : null;
  }

  private <V> @Nullable V value(String name, Function<JsonField, @Nullable V> read) {
    var top = body.field(name);
    var field = top.isAbsent() ? body.field("sampling").field(name) : top;
    if (field.isAbsent()) {
      return null;
    }
    isAnyGiven = true;
    return read.apply(field);
  }

  private static List<String> stop(JsonField stop) {
    return stop.node().isArray()
        ? stop.items().stream().map(JsonField::text).toList()
        : List.of(stop.text());
  }

  private static List<Integer> tokens(JsonField ids) {
    return ids.items().stream().map(JsonField::int32).toList();
  }

  private static Map<String, Double> bias(JsonField bias) {
    Map<String, Double> byToken = new HashMap<>();
    bias.entries().forEach((token, value) -> byToken.put(token, value.number()));
    return byToken;
  }

  /** A flag in chat requests; in legacy ones a number, where 0 asks for the chosen token's own. */
  private static boolean logprobs(JsonField logprobs) {
    return logprobs.node().isIntegralNumber() || logprobs.flag();
  }

  private static @Nullable Integer legacyTop(JsonField logprobs) {
    return logprobs.node().isIntegralNumber() && logprobs.int32() > 0 ? logprobs.int32() : null;
  }
}
