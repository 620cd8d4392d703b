package io.millrace.topology.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.events.Prompt;
import io.millrace.topology.config.LimitSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps prompts small enough for the records that repeat them: the entry in the in-flight store,
 * and the labels in every event.
 *
 * <p>The size of the record that brought a prompt does not do for that. Bytes that are no UTF-8
 * become characters of three bytes, UTF-16 grows by half, and JSON writes a control character as
 * six bytes.
 */
public final class PromptBounds {

  private final LimitSettings limits;

  public PromptBounds(LimitSettings limits) {
    this.limits = limits;
  }

  /** Why the prompt is too large to be taken on, if it is. */
  Optional<Rejection> check(Prompt prompt) {
    if (prompt.getRequestId().length() > limits.requestIdLength()) {
      return reject(
          "invalid_parameter",
          "request_id has more than " + limits.requestIdLength() + " characters");
    }
    long labelBytes = labelBytes(prompt);
    if (labelBytes > limits.labelBytes().bytes()) {
      return reject(
          "invalid_parameter",
          "tenant, cache_salt, conversation_id, model and metadata have %d bytes together, more than %s"
              .formatted(labelBytes, limits.labelBytes()));
    }
    long storedBytes = storedBytes(prompt);
    if (storedBytes > limits.promptBytes().bytes()) {
      return reject(
          "prompt_too_large",
          "written in UTF-8 it has %d bytes, more than %s"
              .formatted(storedBytes, limits.promptBytes()));
    }
    return Optional.empty();
  }

  /** What of a prompt may stand in the events of its rejection: all of it, or a bounded id. */
  public Prompt forRejection(Prompt prompt) {
    var id = prompt.getRequestId();
    boolean isBounded =
        id.length() <= limits.requestIdLength()
            && labelBytes(prompt) <= limits.labelBytes().bytes();
    return isBounded ? prompt : named(id);
  }

  /** A prompt of which only the id is known; an id that is too long is cut. */
  public Prompt named(String requestId) {
    int length = Math.min(requestId.length(), limits.requestIdLength());
    return Prompt.newBuilder().setRequestId(requestId.substring(0, length)).build();
  }

  private static long labelBytes(Prompt prompt) {
    long bytes =
        utf8Bytes(prompt.getTenant())
            + utf8Bytes(prompt.getCacheSalt())
            + utf8Bytes(prompt.getConversationId())
            + utf8Bytes(prompt.getModel());
    for (var entry : prompt.getMetadata().entrySet()) {
      bytes += utf8Bytes(entry.getKey()) + utf8Bytes(entry.getValue());
    }
    return bytes;
  }

  private static long utf8Bytes(@Nullable String text) {
    return text == null ? 0 : text.getBytes(UTF_8).length;
  }

  private static long storedBytes(Prompt prompt) {
    try {
      return Prompt.getEncoder().encode(prompt).remaining();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  private static Optional<Rejection> reject(String code, String message) {
    return Optional.of(Rejection.validate(code, message));
  }
}
