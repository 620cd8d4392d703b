package io.millrace.runtime.prompt;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.TemplateError;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's chat template: Jinja source that turns messages into the text the model was trained on.
 * Safe for use by several threads at once.
 *
 * <p>Rendered as the transformers library does: {@code trim_blocks}, {@code lstrip_blocks}, {@code
 * add_generation_prompt} true, and a function {@code raise_exception}. What is in a message is
 * never taken for a template.
 */
public final class ChatTemplate {

  private static final int MAX_OUTPUT_CHARACTERS = 16 << 20;

  private static final Jinjava JINJAVA = jinjava();

  private final String source;
  private final String beginToken;
  private final String endToken;

  /**
   * @param source Jinja
   * @param beginToken what {@code bos_token} stands for
   * @param endToken what {@code eos_token} stands for
   */
  public ChatTemplate(String source, String beginToken, String endToken) {
    this.source = TemplateWhitespace.resolve(source);
    this.beginToken = beginToken;
    this.endToken = endToken;
  }

  private static Jinjava jinjava() {
    var jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false)
                .withMaxOutputSize(MAX_OUTPUT_CHARACTERS)
                .build());
    jinjava.getGlobalContext().registerFilter(new PythonTrim());
    TemplateFunctions.all().forEach(jinjava.getGlobalContext()::registerFunction);
    return jinjava;
  }

  /**
   * @throws PromptException if the template refuses the messages
   */
  public String render(List<ChatMessage> messages) {
    Map<String, Object> bindings = new HashMap<>();
    bindings.put("messages", messages.stream().map(ChatTemplate::binding).toList());
    bindings.put("add_generation_prompt", true);
    bindings.put("bos_token", beginToken);
    bindings.put("eos_token", endToken);
    var result = JINJAVA.renderForResult(source, bindings);
    for (var error : result.getErrors()) {
      if (error.getSeverity() == TemplateError.ErrorType.FATAL) {
        throw refusal(error, messages);
      }
    }
    return result.getOutput();
  }

  /** What a template says may quote a message; then only that it refuses is told. */
  private static PromptException refusal(TemplateError error, List<ChatMessage> messages) {
    for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
      if (cause instanceof PromptException refusal) {
        var words = String.valueOf(refusal.getMessage());
        boolean quotes =
            messages.stream()
                .map(message -> message.content().strip())
                .anyMatch(content -> !content.isEmpty() && words.contains(content));
        return new PromptException(
            "the chat template refuses" + (quotes ? " the messages" : ": " + words));
      }
    }
    return new PromptException("the chat template fails: " + error.getReason());
  }

  private static Map<String, Object> binding(ChatMessage message) {
    Map<String, Object> binding = new LinkedHashMap<>();
    binding.put("role", message.role());
    binding.put("content", message.content());
    return binding;
  }
}
