package io.millrace.schemas.json;

import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Task;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads prompts from JSON: the {@link Prompt} event's own fields, the body of an OpenAI chat
 * completions request, or that of a legacy completions request.
 *
 * <p>Where the forms differ: {@code prompt} is the text, {@code user} the tenant, and the sampling
 * parameters stand at the top or in {@code sampling}. Unknown fields are ignored; what is known but
 * not offered ({@code n} over 1, tools, images, …) is refused rather than silently left out.
 * Without a {@code request_id} the prompt's is empty. Ranges are not checked here.
 *
 * <p>Safe for use by several threads.
 */
public final class PromptJsonDeserializer implements Deserializer<Prompt> {

  /**
   * @throws UndecodableRecordException if it is no prompt; it has the request id where there is one
   */
  @Override
  public @Nullable Prompt deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    var body = JsonField.parse(bytes);
    try {
      UnsupportedFields.refuse(body);
      return prompt(body);
    } catch (UndecodableRecordException invalid) {
      var requestId = body.field("request_id").node().textValue();
      var message = invalid.getMessage();
      throw new UndecodableRecordException(
          invalid.reason(), message == null ? "" : message, requestId, invalid);
    }
  }

  private static Prompt prompt(JsonField body) {
    var prompt = new Prompt();
    var requestId = body.field("request_id").textOrNull();
    prompt.setRequestId(requestId == null ? "" : requestId);
    prompt.setConversationId(body.field("conversation_id").textOrNull());
    prompt.setTenant(first(body, "tenant", "user").textOrNull());
    prompt.setCacheSalt(body.field("cache_salt").textOrNull());
    prompt.setModel(body.field("model").textOrNull());
    prompt.setMessages(messages(body.field("messages")));
    prompt.setText(text(body));
    prompt.setTask(task(body.field("task"), prompt));
    prompt.setSampling(SamplingFields.read(body));
    prompt.setResponseFormat(responseFormat(body.field("response_format")));
    var priority = body.field("priority");
    prompt.setPriority(priority.isAbsent() ? 0 : priority.int32());
    var deadline = body.field("deadline");
    prompt.setDeadline(deadline.isAbsent() ? null : deadline.instant());
    prompt.setMetadata(metadata(body.field("metadata")));
    return prompt;
  }

  private static JsonField first(JsonField body, String own, String openAi) {
    var field = body.field(own);
    return field.isAbsent() ? body.field(openAi) : field;
  }

  private static @Nullable List<Message> messages(JsonField json) {
    if (json.isAbsent()) {
      return null;
    }
    List<Message> messages = new ArrayList<>();
    for (var item : json.items()) {
      item.object();
      messages.add(
          new Message(
              item.field("role").text(),
              content(item.field("content")),
              item.field("name").textOrNull()));
    }
    return messages;
  }

  /** Text parts are joined by line breaks, as vLLM does for templates that want one string. */
  private static String content(JsonField content) {
    if (!content.node().isArray()) {
      return content.text();
    }
    List<String> texts = new ArrayList<>();
    for (var part : content.items()) {
      var type = part.object().field("type");
      if (!type.text().equals("text")) {
        throw new UndecodableRecordException(
            Reason.UNSUPPORTED, type.path() + " has to be text: no other kind can be read.");
      }
      texts.add(part.field("text").text());
    }
    return String.join("\n", texts);
  }

  private static @Nullable String text(JsonField body) {
    var text = first(body, "text", "prompt");
    if (!text.node().isArray()) {
      return text.textOrNull();
    }
    var items = text.items();
    if (items.stream().anyMatch(item -> item.node().isNumber())) {
      throw new UndecodableRecordException(
          Reason.UNSUPPORTED, text.path() + " holds token ids: send the text.");
    }
    if (items.size() != 1) {
      throw new UndecodableRecordException(
          Reason.UNSUPPORTED, text.path() + " has to hold one prompt: send a record for each.");
    }
    return items.getFirst().text();
  }

  private static Task task(JsonField task, Prompt prompt) {
    if (task.isAbsent()) {
      return prompt.getMessages() == null && prompt.getText() != null ? Task.COMPLETE : Task.CHAT;
    }
    for (var known : Task.values()) {
      if (known.name().equalsIgnoreCase(task.text())) {
        return known;
      }
    }
    throw task.invalid("chat, complete, embed or classify");
  }

  private static @Nullable String responseFormat(JsonField format) {
    if (format.isAbsent()) {
      return null;
    }
    return format.node().isTextual() ? format.text() : format.object().node().toString();
  }

  private static Map<String, String> metadata(JsonField json) {
    Map<String, String> metadata = new HashMap<>();
    if (!json.isAbsent()) {
      json.entries().forEach((name, value) -> metadata.put(name, value.text()));
    }
    return metadata;
  }
}
