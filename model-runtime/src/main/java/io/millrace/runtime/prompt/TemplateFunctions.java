package io.millrace.runtime.prompt;

import com.hubspot.jinjava.el.ext.NamedParameter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.objects.Namespace;
import java.util.List;

/** The functions that chat templates expect beyond those the template engine has. */
public final class TemplateFunctions {

  private TemplateFunctions() {}

  static List<ELFunctionDefinition> all() {
    return List.of(
        new ELFunctionDefinition(
            "", "raise_exception", TemplateFunctions.class, "refuse", String.class),
        new ELFunctionDefinition(
            "", "namespace", TemplateFunctions.class, "namespace", Object[].class));
  }

  /**
   * {@code raise_exception}: the template does not take these messages.
   *
   * @throws PromptException always
   */
  @SuppressWarnings("DoNotCallSuggester") // the template engine calls it, by reflection
  public static String refuse(String message) {
    throw new PromptException(message);
  }

  /** {@code namespace(name=value, ...)}: Jinjava's own takes no named values. */
  public static Namespace namespace(Object... values) {
    var namespace = new Namespace();
    for (var value : values) {
      if (value instanceof NamedParameter named) {
        namespace.put(named.getName(), named.getValue());
      }
    }
    return namespace;
  }
}
