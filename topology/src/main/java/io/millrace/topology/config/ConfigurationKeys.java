package io.millrace.topology.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads the keys off the configuration's records. */
final class ConfigurationKeys {

  static final String VARIABLE_PREFIX = "MILLRACE_";

  private ConfigurationKeys() {}

  static List<ConfigurationKey> all() {
    List<ConfigurationKey> keys = new ArrayList<>();
    collect(MillraceConfiguration.class, "", keys);
    return List.copyOf(keys);
  }

  private static void collect(Class<?> type, String prefix, List<ConfigurationKey> keys) {
    for (var component : type.getRecordComponents()) {
      var path = prefix + name(component);
      if (isSection(component)) {
        collect(component.getType(), path + ".", keys);
      } else if (isPassedThrough(component)) {
        keys.add(key(component, path + ".*", path));
      } else if (isTable(component)) {
        collect(rowType(component), path + ".NAME.", keys);
      } else {
        keys.add(key(component, path, path));
      }
    }
  }

  private static ConfigurationKey key(RecordComponent component, String path, String named) {
    var setting = setting(component);
    var variable = variable(named) + (isPassedThrough(component) ? "_*" : "");
    return new ConfigurationKey(
        path,
        named.contains(".NAME.") ? "" : variable,
        SettingType.of(component).label(),
        setting.otherwise(),
        setting.required(),
        setting.value());
  }

  /** {@code maxWait} is written {@code max-wait}. */
  static String name(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  static String variable(String path) {
    return VARIABLE_PREFIX + path.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }

  static Setting setting(RecordComponent component) {
    var setting = component.getAnnotation(Setting.class);
    if (setting == null) {
      throw new IllegalStateException(component + " has no @Setting");
    }
    return setting;
  }

  /** A record of keys. */
  static boolean isSection(RecordComponent component) {
    return component.getType().isRecord() && component.getType() != ByteSize.class;
  }

  /** A map of records, by a name that the user chooses. */
  static boolean isTable(RecordComponent component) {
    return component.getType() == Map.class && rowType(component).isRecord();
  }

  /** A map of strings that is handed on unread. */
  static boolean isPassedThrough(RecordComponent component) {
    return component.getType() == Map.class && !rowType(component).isRecord();
  }

  static Class<?> rowType(RecordComponent component) {
    return (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[1];
  }
}
