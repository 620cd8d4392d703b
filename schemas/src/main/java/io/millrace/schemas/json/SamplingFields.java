package io.millrace.schemas.json;

import io.millrace.events.Sampling;
import java.util.List;
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
    var limit = value("max_completion_tokens", JsonField::int32);
    var legacyLimit = value("max_tokens", JsonField::int32);
    sampling.setMaxCompletionTokens(limit != null ? limit : legacyLimit);
    sampling.setLogprobs(value("logprobs", SamplingFields::logprobs));
    return isAnyGiven || !body.field("sampling").isAbsent() ? sampling : null;
  }

  private <V> @Nullable V value(String name, Function<JsonField, V> read) {
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

  /** A flag in chat requests; in legacy ones a number, where 0 asks for the chosen token's own. */
  private static boolean logprobs(JsonField logprobs) {
    return logprobs.node().isIntegralNumber() || logprobs.flag();
  }
}
