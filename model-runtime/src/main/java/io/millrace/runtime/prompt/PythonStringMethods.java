package io.millrace.runtime.prompt;

import java.beans.FeatureDescriptor;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/**
 * Lets templates call the methods of Python's {@code str} that chat templates use. Jinjava calls
 * Java's: {@code split} would take a regular expression, and most of the others do not exist.
 * Methods that are not here are left to it.
 */
final class PythonStringMethods extends ELResolver {

  @Override
  public @Nullable Object invoke(
      ELContext context,
      @Nullable Object base,
      Object method,
      Class<?> @Nullable [] types,
      Object @Nullable [] given) {
    if (!(base instanceof String text)) {
      return null;
    }
    var arguments = given == null ? List.of() : List.of(given);
    if (arguments.size() > 1) {
      return null;
    }
    var result =
        arguments.isEmpty()
            ? call(text, method.toString())
            : call(text, method.toString(), arguments.getFirst().toString());
    if (result != null) {
      context.setPropertyResolved(true);
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
      case "split" -> PythonStrings.split(text, argument);
      case "startswith" -> text.startsWith(argument);
      case "endswith" -> text.endsWith(argument);
      default -> null;
    };
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
