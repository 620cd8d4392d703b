package io.millrace.topology.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Fills the configuration's records from YAML text and environment variables. */
final class ConfigurationReader {

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  /** A key further away than this from every known one is no misspelling of any. */
  private static final int NEAR = 6;

  private final Map<String, String> environment;
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();
  private final List<String> problems = new ArrayList<>();

  ConfigurationReader(Map<String, String> environment) {
    this.environment = new TreeMap<>(environment);
  }

  MillraceConfiguration read(String yaml) {
    flatten("", parse(yaml));
    var configuration = record(MillraceConfiguration.class, "");
    values.keySet().stream().filter(key -> !used.contains(key)).forEach(this::refuse);
    configuration.map(UnsafeSettings::refusals).stream()
        .flatMap(List::stream)
        .map(UnsafeSetting::toString)
        .forEach(problems::add);
    if (configuration.isEmpty() || !problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return configuration.get();
  }

  private static JsonNode parse(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (JsonProcessingException exception) {
      var place = exception.getLocation();
      // Jackson's message may quote the text, and the text may hold a password.
      throw new ConfigurationException(
          List.of(
              "not valid YAML"
                  + (place == null
                      ? ""
                      : " at line " + place.getLineNr() + ", column " + place.getColumnNr())));
    }
  }

  private void flatten(String path, JsonNode node) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                      entry.getValue()));
    } else if (node.isArray()) {
      List<String> items = new ArrayList<>();
      node.forEach(item -> items.add(item.asText()));
      values.put(path, String.join(",", items));
    } else if (node.isValueNode() && !path.isEmpty()) {
      values.put(path, node.isNull() ? "" : node.asText());
    } else if (node.isValueNode() && !node.isNull() && !node.asText().isBlank()) {
      problems.add("the configuration must be a mapping of keys to values");
    }
  }

  private <T> Optional<T> record(Class<T> type, String prefix) {
    int before = problems.size();
    var components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = component(components[i], prefix + ConfigurationKeys.name(components[i]));
    }
    return problems.size() > before ? Optional.empty() : construct(type, prefix, arguments);
  }

  private Object component(RecordComponent component, String path) {
    if (ConfigurationKeys.isSection(component)) {
      return record(component.getType(), path + ".").<Object>map(section -> section).orElse(path);
    }
    if (ConfigurationKeys.isTable(component)) {
      return table(ConfigurationKeys.rowType(component), path);
    }
    if (ConfigurationKeys.isPassedThrough(component)) {
      return passedThrough(path);
    }
    return value(component, path);
  }

  private Map<String, String> passedThrough(String path) {
    Map<String, String> section = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(path + ".")) {
            used.add(key);
            section.put(key.substring(path.length() + 1), value);
          }
        });
    var prefix = ConfigurationKeys.variable(path) + "_";
    environment.forEach(
        (variable, value) -> {
          if (variable.startsWith(prefix)) {
            var key = variable.substring(prefix.length()).toLowerCase(Locale.ROOT);
            section.put(key.replace('_', '.'), value);
          }
        });
    return Map.copyOf(section);
  }

  private Map<String, Object> table(Class<?> rowType, String path) {
    var override = environment.get(ConfigurationKeys.variable(path));
    if (override != null) {
      values.keySet().removeIf(key -> key.startsWith(path + "."));
      flatten(path, parse(override));
    }
    Set<String> names = new LinkedHashSet<>();
    for (var key : values.keySet()) {
      // The name may hold dots itself, as in qwen2.5-0.5b; the component's name cannot.
      if (key.startsWith(path + ".") && key.lastIndexOf('.') > path.length()) {
        names.add(key.substring(path.length() + 1, key.lastIndexOf('.')));
      }
    }
    Map<String, Object> rows = new LinkedHashMap<>();
    names.forEach(
        name -> record(rowType, path + "." + name + ".").ifPresent(row -> rows.put(name, row)));
    return Map.copyOf(rows);
  }

  private Object value(RecordComponent component, String path) {
    var setting = ConfigurationKeys.setting(component);
    var variable = ConfigurationKeys.variable(path);
    used.add(path);
    var given = environment.getOrDefault(variable, values.get(path));
    var source = environment.containsKey(variable) ? path + " (" + variable + ")" : path;
    if (setting.required() && (given == null || given.isBlank())) {
      problems.add(path + " is required: " + setting.value());
      return path;
    }
    try {
      var value =
          SettingType.of(component).parse().apply(given == null ? setting.otherwise() : given);
      if (value instanceof Number number
          && (number.doubleValue() < setting.min() || number.doubleValue() > setting.max())) {
        throw new IllegalArgumentException(range(setting));
      }
      return value;
    } catch (IllegalArgumentException | ArithmeticException exception) {
      problems.add(source + " must be " + exception.getMessage() + ", not \"" + given + "\"");
      return path;
    }
  }

  private static String range(Setting setting) {
    var least = plain(setting.min());
    return Double.isInfinite(setting.max())
        ? least + " or more"
        : "from " + least + " to " + plain(setting.max());
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  private <T> Optional<T> construct(Class<T> type, String prefix, Object[] arguments) {
    var types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return Optional.of(type.getDeclaredConstructor(types).newInstance(arguments));
    } catch (InvocationTargetException exception) {
      var cause = Objects.requireNonNull(exception.getCause());
      problems.add(prefix + cause.getMessage());
      return Optional.empty();
    } catch (ReflectiveOperationException exception) {
      throw new IllegalStateException(exception);
    }
  }

  private void refuse(String key) {
    var distance = LevenshteinDistance.getDefaultInstance();
    record Candidate(String path, int distance) {}
    var nearest =
        ConfigurationKeys.all().stream()
            .map(ConfigurationKey::path)
            .map(path -> new Candidate(path, distance.apply(key, path)))
            .min((a, b) -> Integer.compare(a.distance(), b.distance()))
            .filter(candidate -> candidate.distance() <= NEAR)
            .map(candidate -> "; did you mean " + candidate.path() + "?")
            .orElse("");
    problems.add(key + " is not a key" + nearest);
  }
}
