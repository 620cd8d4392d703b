package io.millrace.topology.config;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the text of a value becomes a value.
 *
 * @param label what the type is called in listings
 * @param parse throws IllegalArgumentException whose message completes "must be"
 */
record SettingType(String label, Function<String, Object> parse) {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

  static SettingType of(RecordComponent component) {
    Class<?> type = component.getType();
    if (type.isEnum()) {
      return ofEnum(type);
    }
    return switch (type.getSimpleName()) {
      case "int" -> new SettingType("integer", text -> number(text, Integer::valueOf));
      case "long" -> new SettingType("integer", text -> number(text, Long::valueOf));
      case "double" -> new SettingType("number", text -> finite(number(text, Double::valueOf)));
      case "boolean" -> new SettingType("boolean", SettingType::bool);
      case "String" -> new SettingType("string", text -> text);
      case "Duration" -> new SettingType("duration", SettingType::duration);
      case "ByteSize" -> new SettingType("size", ByteSize::parse);
      case "Map" -> new SettingType("properties", text -> text);
      default -> throw new IllegalStateException("no setting type for " + component);
    };
  }

  private static SettingType ofEnum(Class<?> type) {
    Map<String, Object> constants =
        Arrays.stream(type.getEnumConstants())
            .collect(
                Collectors.toMap(
                    constant -> constant.toString().toLowerCase(Locale.ROOT),
                    constant -> (Object) constant));
    var names = constants.keySet().stream().sorted().collect(Collectors.joining(" or "));
    return new SettingType(
        names,
        text -> {
          var constant = constants.get(text.strip().toLowerCase(Locale.ROOT));
          if (constant == null) {
            throw new IllegalArgumentException(names);
          }
          return constant;
        });
  }

  private static Object number(String text, Function<String, Object> parse) {
    try {
      return parse.apply(text.strip().replace("_", ""));
    } catch (NumberFormatException exception) {
      throw new IllegalArgumentException("a number", exception);
    }
  }

  private static Object finite(Object number) {
    if (!Double.isFinite((Double) number)) {
      throw new IllegalArgumentException("a finite number");
    }
    return number;
  }

  private static Object bool(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("true or false");
    };
  }

  private static Object duration(String text) {
    var match = DURATION.matcher(text.strip());
    if (!match.matches()) {
      throw new IllegalArgumentException("a duration such as 2ms, 5s, 1m, 2h or 7d");
    }
    long amount = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
