package io.millrace.topology.prompt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.prompt.PromptException;
import io.millrace.runtime.sampling.InvalidParameterException;
import io.millrace.topology.config.LimitSettings;
import io.millrace.topology.config.SamplingSettings;
import io.millrace.topology.log.WithoutMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether the engine can run a prompt, and encodes it.
 *
 * <p>Depends on nothing but the prompt, the model and the configuration, so a prompt that is read
 * again after a crash gets the same verdict. Safe for use by several threads.
 */
public final class PromptValidator {

  private static final Logger LOG = LoggerFactory.getLogger(PromptValidator.class);
  private static final String SYSTEM = "system";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InferenceEngine engine;
  private final LimitSettings limits;
  private final PromptBounds bounds;
  private final SamplingDefaults sampling;
  private final String systemPrompt;

  public PromptValidator(InferenceEngine engine, LimitSettings limits, SamplingSettings defaults) {
    this.engine = engine;
    this.limits = limits;
    this.bounds = new PromptBounds(limits);
    this.sampling = new SamplingDefaults(defaults);
    this.systemPrompt = defaults.systemPrompt();
  }

  /**
   * The verdict on a prompt whose request id is set. A prompt on which this breaks is invalid: a
   * failure would come again for every owner of its partition.
   */
  public Verdict validate(Prompt prompt) {
    try {
      return judge(prompt);
    } catch (RuntimeException exception) {
      LOG.error("Validation broke on {}", prompt.getRequestId(), WithoutMessage.of(exception));
      return invalid(
          "internal_error", "validation failed with " + exception.getClass().getSimpleName());
    }
  }

  private Verdict judge(Prompt prompt) {
    return form(prompt)
        .or(() -> sizes(prompt))
        .<Verdict>map(Verdict.Invalid::new)
        .orElseGet(() -> encode(prompt));
  }

  private Optional<Rejection> form(Prompt prompt) {
    var served = engine.model().name();
    if (prompt.getModel() != null && !prompt.getModel().equals(served)) {
      return reject("unknown_model", "the prompt asks for a model other than " + served);
    }
    if (prompt.getDeadline() != null && prompt.getDeadline().toEpochMilli() <= 0) {
      return reject("invalid_deadline", "deadline must be milliseconds since the epoch");
    }
    if (prompt.getResponseFormat() != null && !isText(prompt.getResponseFormat())) {
      return reject("unsupported_response_format", "only response_format text is supported");
    }
    boolean messages = prompt.getMessages() != null && !prompt.getMessages().isEmpty();
    boolean text = prompt.getText() != null && !prompt.getText().isEmpty();
    return switch (prompt.getTask()) {
      case CHAT -> text ? wrongForm("CHAT", "messages") : missing(messages, "messages");
      case COMPLETE -> messages ? wrongForm("COMPLETE", "text") : missing(text, "text");
      case EMBED, CLASSIFY ->
          reject("unsupported_task", "this model answers CHAT and COMPLETE prompts only");
    };
  }

  private Optional<Rejection> sizes(Prompt prompt) {
    if (prompt.getMessages() != null && prompt.getMessages().size() > limits.messages()) {
      return reject("too_many_messages", "more than " + limits.messages() + " messages");
    }
    if (prompt.getMetadata().size() > limits.metadataEntries()) {
      return reject(
          "invalid_parameter", "metadata has more than " + limits.metadataEntries() + " entries");
    }
    return bounds
        .check(prompt)
        .or(
            () ->
                Optional.ofNullable(prompt.getSampling())
                    .map(Sampling::getStop)
                    .flatMap(this::stops));
  }

  private Optional<Rejection> stops(List<String> stops) {
    if (stops.size() > limits.stopStrings()) {
      return reject("invalid_parameter", "stop has more than " + limits.stopStrings() + " strings");
    }
    return stops.stream().anyMatch(stop -> stop.length() > limits.stopStringLength())
        ? reject(
            "invalid_parameter",
            "stop has a string of more than " + limits.stopStringLength() + " characters")
        : Optional.empty();
  }

  private Verdict encode(Prompt prompt) {
    var encoder = engine.encoder();
    int context = engine.model().contextLength();
    try {
      int[] tokens =
          prompt.getMessages() == null || prompt.getMessages().isEmpty()
              ? encoder.encodeText(prompt.getText())
              : encoder.encodeChat(conversation(prompt.getMessages()));
      if (tokens.length == 0) {
        return invalid("empty_prompt", "the prompt has no tokens");
      }
      int room = context - tokens.length;
      if (room < 1) {
        return invalid(
            "prompt_too_long",
            "%d tokens leave no room in a context of %d".formatted(tokens.length, context));
      }
      return new Verdict.Valid(
          prompt, tokens, sampling.complete(prompt, room, engine.model().vocabularySize()));
    } catch (InvalidParameterException exception) {
      return invalid("invalid_parameter", String.valueOf(exception.getMessage()));
    } catch (PromptException exception) {
      return invalid("invalid_prompt", String.valueOf(exception.getMessage()));
    }
  }

  private List<ChatMessage> conversation(List<Message> messages) {
    List<ChatMessage> turns = new ArrayList<>(messages.size() + 1);
    if (!systemPrompt.isEmpty()
        && messages.stream().noneMatch(message -> message.getRole().equals(SYSTEM))) {
      turns.add(new ChatMessage(SYSTEM, systemPrompt));
    }
    messages.forEach(
        message -> turns.add(new ChatMessage(message.getRole(), message.getContent())));
    return turns;
  }

  private static boolean isText(String responseFormat) {
    try {
      return responseFormat.equals("text")
          || JSON.readTree(responseFormat).path("type").asText().equals("text");
    } catch (JsonProcessingException exception) {
      return false;
    }
  }

  private static Optional<Rejection> missing(boolean present, String field) {
    return present ? Optional.empty() : reject("empty_prompt", field + " must not be empty");
  }

  private static Optional<Rejection> wrongForm(String task, String field) {
    return reject("invalid_prompt", "a " + task + " prompt has " + field + " and nothing else");
  }

  private static Optional<Rejection> reject(String code, String message) {
    return Optional.of(Rejection.validate(code, message));
  }

  private static Verdict invalid(String code, String message) {
    return new Verdict.Invalid(Rejection.validate(code, message));
  }
}
