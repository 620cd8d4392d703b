package io.millrace.topology.processor;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.TopLogprob;
import io.millrace.events.Usage;
import io.millrace.runtime.engine.EngineEvent;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.sampling.SamplingParameters;
import io.millrace.topology.config.PriceSettings;
import io.millrace.topology.prompt.Rejection;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the events that leave the topology. Immutable. */
final class EventComposer {

  private static final long NANOS_PER_MICRO = 1_000;

  private final ModelInfo model;
  private final PriceSettings price;
  private final long errorValueBytes;

  EventComposer(ModelInfo model, Map<String, PriceSettings> prices, long errorValueBytes) {
    this.model = model;
    this.price = prices.getOrDefault(model.name(), PriceSettings.FREE);
    this.errorValueBytes = errorValueBytes;
  }

  Token token(EngineEvent.Token token) {
    return new Token(
        token.requestId(),
        token.attempt(),
        token.index(),
        token.text(),
        token.tokenId(),
        token.logprob(),
        token.topLogprobs().isEmpty() ? null : topLogprobs(token));
  }

  private static List<TopLogprob> topLogprobs(EngineEvent.Token token) {
    return token.topLogprobs().stream()
        .map(top -> new TopLogprob(top.tokenId(), top.text(), top.logprob()))
        .toList();
  }

  Completion completion(Flight flight, Outcome outcome, GenerationUsage usage) {
    return completion(flight.prompt(), outcome)
        .setText(flight.transcript().text())
        .setModel(model.name())
        .setAttempt(flight.attempts())
        .setPromptTokens(usage.promptTokens())
        .setCompletionTokens(flight.transcript().size())
        .build();
  }

  /** Without text and metadata, for one that would be too large. */
  Completion bareCompletion(Flight flight, Outcome outcome, GenerationUsage usage) {
    var completion = completion(flight, outcome, usage);
    completion.setText("");
    completion.setMetadata(Map.of());
    return completion;
  }

  Usage usage(Flight flight, Outcome outcome, GenerationUsage usage, long nowNanos) {
    long waitedNanos = flight.waitedNanos(nowNanos);
    var valid = flight.valid();
    return usage(flight.prompt(), outcome)
        .setAttempt(flight.attempts())
        .setSampling(valid == null ? null : sampling(valid.sampling()))
        .setPromptTokens(usage.promptTokens())
        .setCachedTokens(usage.cachedTokens())
        .setCompletionTokens(usage.completionTokens())
        .setQueueMicros((waitedNanos + usage.queueNanos()) / NANOS_PER_MICRO)
        .setPrefillMicros(usage.prefillNanos() / NANOS_PER_MICRO)
        .setDecodeMicros(usage.decodeNanos() / NANOS_PER_MICRO)
        .setTimeToFirstTokenMicros(
            usage.completionTokens() == 0
                ? null
                : (waitedNanos + usage.timeToFirstTokenNanos()) / NANOS_PER_MICRO)
        .setTotalMicros((nowNanos - flight.times().acceptedNanos()) / NANOS_PER_MICRO)
        .setBatchSizeMean(usage.batchSizeMean())
        .setBatchSizeMax(usage.batchSizeMax())
        .setCostMicros(price.costMicros(usage.promptTokens(), usage.completionTokens()))
        .build();
  }

  /** The terminal event of a prompt that was never taken on. */
  Completion rejectedCompletion(Prompt prompt, Rejection rejection) {
    return completion(prompt, Outcome.rejected(rejection))
        .setText("")
        .setModel(prompt.getModel())
        .setAttempt(0)
        .build();
  }

  Usage rejectedUsage(Prompt prompt, Rejection rejection) {
    return usage(prompt, Outcome.rejected(rejection))
        .setModel(prompt.getModel())
        .setAttempt(0)
        .setPromptTokens(0)
        .setCompletionTokens(0)
        .setQueueMicros(0)
        .setPrefillMicros(0)
        .setDecodeMicros(0)
        .setTotalMicros(0)
        .build();
  }

  ErrorEvent error(
      Origin origin, @Nullable String requestId, Rejection rejection, byte @Nullable [] value) {
    var message = rejection.message();
    var kept = value == null ? null : ByteBuffer.wrap(value);
    if (value != null && value.length > errorValueBytes) {
      message += "; the value of " + value.length + " bytes is left out here";
      kept = null;
    }
    return ErrorEvents.about(origin)
        .setRequestId(requestId)
        .setStage(rejection.stage())
        .setCode(rejection.code())
        .setMessage(message)
        .setOriginalValue(kept)
        .build();
  }

  private static Completion.Builder completion(Prompt prompt, Outcome outcome) {
    return Completion.newBuilder()
        .setRequestId(prompt.getRequestId())
        .setConversationId(prompt.getConversationId())
        .setTenant(prompt.getTenant())
        .setStatus(outcome.status())
        .setFinishReason(outcome.finishReason())
        .setErrorCode(outcome.errorCode())
        .setErrorMessage(outcome.errorMessage())
        .setMetadata(prompt.getMetadata());
  }

  private Usage.Builder usage(Prompt prompt, Outcome outcome) {
    return Usage.newBuilder()
        .setRequestId(prompt.getRequestId())
        .setTenant(prompt.getTenant())
        .setStatus(outcome.status())
        .setModel(model.name())
        .setModelHash(model.hash())
        .setProvider(model.provider())
        .setEngineVersion(model.engineVersion())
        .setMetadata(prompt.getMetadata());
  }

  private static Sampling sampling(SamplingParameters parameters) {
    var end = parameters.end();
    Map<String, Double> logitBias = new TreeMap<>();
    parameters.logitBias().forEach((token, bias) -> logitBias.put(token.toString(), bias));
    return Sampling.newBuilder()
        .setTemperature(parameters.temperature())
        .setTopP(parameters.topP())
        .setTopK(parameters.topK())
        .setMinP(parameters.minP())
        .setRepetitionPenalty(parameters.repetitionPenalty())
        .setPresencePenalty(parameters.presencePenalty())
        .setFrequencyPenalty(parameters.frequencyPenalty())
        .setSeed(parameters.seed())
        .setStop(end.stop())
        .setStopTokenIds(end.stopTokens().stream().sorted().toList())
        .setIgnoreEos(end.ignoresEndTokens())
        .setMinTokens(end.minTokens())
        .setMaxCompletionTokens(end.maxCompletionTokens())
        .setLogitBias(logitBias)
        .setLogprobs(parameters.logprobs())
        .setTopLogprobs(parameters.topLogprobs())
        .build();
  }

  /**
   * How a prompt ended.
   *
   * @param finishReason {@code stop} or {@code length} of a completed one
   * @param errorCode of any other
   */
  record Outcome(
      Status status,
      @Nullable String finishReason,
      @Nullable String errorCode,
      @Nullable String errorMessage) {

    static Outcome completed(EngineEvent.FinishReason reason) {
      return new Outcome(Status.COMPLETED, reason.name().toLowerCase(Locale.ROOT), null, null);
    }

    static Outcome expired() {
      return new Outcome(Status.EXPIRED, null, "deadline_passed", "the deadline passed");
    }

    static Outcome cancelled() {
      return new Outcome(Status.CANCELLED, null, "cancelled", "a control command cancelled it");
    }

    static Outcome failed(String code, String message) {
      return new Outcome(Status.FAILED, null, code, message);
    }

    static Outcome rejected(Rejection rejection) {
      return new Outcome(Status.REJECTED, null, rejection.code(), rejection.message());
    }
  }
}
