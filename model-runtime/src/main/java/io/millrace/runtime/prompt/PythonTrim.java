package io.millrace.runtime.prompt;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import org.jspecify.annotations.Nullable;

/**
 * The filter {@code trim} as Jinja has it, Python's {@code str.strip()}: Jinjava's own leaves the
 * space characters beyond ASCII (U+00A0, U+3000, …) and takes control characters that Python
 * leaves, and a model would see other tokens than those it was trained on.
 */
final class PythonTrim implements Filter {

  @Override
  public String getName() {
    return "trim";
  }

  @Override
  public @Nullable Object filter(
      @Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
    return value instanceof String text ? PythonStrings.strip(text, null) : value;
  }
}
