package io.millrace.cli.bench;

import io.millrace.runtime.attention.CacheType;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Says how the engine keeps keys and values, as {@code engine.kv-cache-type} does. */
final class CacheTypeOption {

  /** Reads them as they are written in a configuration. */
  private static final class Converter implements ITypeConverter<CacheType> {

    @Override
    public CacheType convert(String text) {
      try {
        return CacheType.valueOf(text.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException unknown) {
        throw new TypeConversionException("'" + text + "' is neither model nor float16");
      }
    }
  }

  @Option(
      names = "--kv-cache-type",
      paramLabel = "TYPE",
      defaultValue = "model",
      converter = Converter.class,
      description = {
        "How the engine keeps keys and values: model, as the graph has them, or float16. Default:",
        "${DEFAULT-VALUE}."
      })
  private CacheType type;

  CacheType type() {
    return type;
  }
}
