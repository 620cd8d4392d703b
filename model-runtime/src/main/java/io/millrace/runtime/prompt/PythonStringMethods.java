package io.millrace.runtime.prompt;

import java.beans.FeatureDescriptor;
import java.util.Iterator;
import java.util.Locale;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/**
 * Lets templates call the methods of Python's {@code str} that chat templates use. Jinjava would
 * call Java's of that name, where there is one: its {@code split} takes a regular expression. So
 * what is not here fails, rather than mean something else.
 */
final class PythonStringMethods extends ELResolver {

  @Override
  public @Nullable Object invoke(
      ELContext context,
      @Nullable Object base,
      Object method,
      Class<?> @Nullable [] types,
      @Nullable Object @Nullable [] given) {
    if (!(base instanceof String text)) {
      return null;
    }
    context.setPropertyResolved(true);
    var name = method.toString();
    @Nullable Object[] arguments = given == null ? new Object[0] : given;
    var result =
        switch (arguments.length) {
          case 0 -> call(text, name);
          case 1 -> arguments[0] instanceof String argument ? call(text, name, argument) : null;
          case 2 ->
              arguments[0] instanceof String first ? call(text, name, first, arguments[1]) : null;
          default -> null;
        };
    if (result == null) {
      throw new UnsupportedOperationException(
          "the method " + name + " of strings, with these arguments");
    }
    return result;
  }

  private static @Nullable Object call(String text, String method) {
    return switch (method) {
      case "strip" -> PythonStrings.strip(text, null);
      case "lstrip" -> PythonStrings.lstrip(text, null);
      case "rstrip" -> PythonStrings.rstrip(text, null);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      default -> null;
    };
  }

  private static @Nullable Object call(String text, String method, String argument) {
    return switch (method) {
      case "strip" -> PythonStrings.strip(text, argument);
      case "lstrip" -> PythonStrings.lstrip(text, argument);
      case "rstrip" -> PythonStrings.rstrip(text, argument);
      case "split" -> PythonStrings.split(text, argument, -1);
      case "startswith" -> text.startsWith(argument);
      case "endswith" -> text.endsWith(argument);
      default -> null;
    };
  }

  private static @Nullable Object call(
      String text, String method, String first, @Nullable Object second) {
    if (method.equals("split") && second instanceof Number limit) {
      return PythonStrings.split(text, first, limit.longValue());
    }
    return method.equals("replace") && second instanceof String replacement
        ? text.replace(first, replacement)
        : null;
  }

  @Override
  public @Nullable Object getValue(ELContext context, Object base, Object property) {
    return null;
  }

  @Override
  public @Nullable Class<?> getType(ELContext context, Object base, Object property) {
    return null;
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {}

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    return true;
  }

  @Override
  public @Nullable Iterator<FeatureDescriptor> getFeatureDescriptors(
      ELContext context, Object base) {
    return null;
  }

  @Override
  public @Nullable Class<?> getCommonPropertyType(ELContext context, Object base) {
    return null;
  }
}
