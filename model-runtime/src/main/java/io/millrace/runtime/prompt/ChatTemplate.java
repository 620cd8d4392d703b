package io.millrace.runtime.prompt;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ELResolver;

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

  /** The kinds of conversation that every model is trained on. */
  private static final List<List<ChatMessage>> USUAL =
      List.of(
          List.of(new ChatMessage("user", "Hello")),
          List.of(
              new ChatMessage("user", "Hello"),
              new ChatMessage("assistant", "Hello!"),
              new ChatMessage("user", "Bye")),
          List.of(
              new ChatMessage("user", "Hello"),
              new ChatMessage("assistant", "<think>\nA greeting.\n</think>\n\nHello!"),
              new ChatMessage("user", "Bye")),
          List.of(new ChatMessage("system", "Be kind."), new ChatMessage("user", "Hello")));

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
                .withElResolver(resolver())
                .build());
    jinjava.getGlobalContext().registerFilter(new PythonTrim());
    TemplateFunctions.all().forEach(jinjava.getGlobalContext()::registerFunction);
    return jinjava;
  }

  private static ELResolver resolver() {
    var resolver = new CompositeELResolver();
    resolver.add(new PythonStringMethods());
    resolver.add(JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY);
    return resolver;
  }

  /**
   * Tries the template on the usual kinds of conversation, so that one which uses what there is not
   * here is found before the first prompt. It may refuse some of them.
   *
   * @throws PromptException if the template fails
   */
  public void check() {
    for (var conversation : USUAL) {
      var error = fatalError(renderForResult(conversation));
      if (error.isPresent() && ownWords(error.get()).isEmpty()) {
        throw new PromptException("the chat template fails: " + error.get().getMessage());
      }
    }
  }

  /**
   * @throws PromptException if the template refuses the messages
   */
  public String render(List<ChatMessage> messages) {
    var result = renderForResult(messages);
    fatalError(result)
        .ifPresent(
            error -> {
              throw refusal(error, messages);
            });
    return result.getOutput();
  }

  private RenderResult renderForResult(List<ChatMessage> messages) {
    Map<String, Object> bindings = new HashMap<>();
    bindings.put("messages", messages.stream().map(ChatTemplate::binding).toList());
    bindings.put("add_generation_prompt", true);
    bindings.put("bos_token", beginToken);
    bindings.put("eos_token", endToken);
    return JINJAVA.renderForResult(source, bindings);
  }

  private static Optional<TemplateError> fatalError(RenderResult result) {
    return result.getErrors().stream()
        .filter(error -> error.getSeverity() == TemplateError.ErrorType.FATAL)
        .findFirst();
  }

  /** What a template says may quote a message; then only that it refuses is told. */
  private static PromptException refusal(TemplateError error, List<ChatMessage> messages) {
    var said = ownWords(error);
    if (said.isEmpty()) {
      return new PromptException("the chat template fails: " + error.getReason());
    }
    boolean quotes =
        messages.stream()
            .map(message -> message.content().strip())
            .anyMatch(content -> !content.isEmpty() && said.get().contains(content));
    return new PromptException(
        "the chat template refuses" + (quotes ? " the messages" : ": " + said.get()));
  }

  /** What the template gave to {@code raise_exception}, if that is what the error is. */
  private static Optional<String> ownWords(TemplateError error) {
    for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
      if (cause instanceof PromptException refusal) {
        return Optional.of(String.valueOf(refusal.getMessage()));
      }
    }
    return Optional.empty();
  }

  private static Map<String, Object> binding(ChatMessage message) {
    Map<String, Object> binding = new LinkedHashMap<>();
    binding.put("role", message.role());
    binding.put("content", message.content());
    return binding;
  }
}
