package io.millrace.schemas.serde;

import io.millrace.schemas.registry.RegistryConfig;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;

/**
 * What a serializer or deserializer does, read from Confluent's configuration keys.
 *
 * @param autoRegister whether an unknown schema is registered when a record is written
 * @param useLatestVersion whether records are written, and generic ones read, with the subject's
 *     latest schema instead of their own; as with Confluent's, only where autoRegister is off
 * @param latestCompatibilityStrict whether that latest schema must be able to read the record's
 * @param removeJavaProperties whether {@code avro.java.string} is left out of registered schemas
 * @param specificReader whether a plain {@link AvroDeserializer} makes specific records
 * @param specificType the class to read; empty means the class that the record's schema names
 */
record AvroSerdeConfig(
    RegistryConfig registry,
    boolean isKey,
    boolean autoRegister,
    boolean useLatestVersion,
    boolean latestCompatibilityStrict,
    boolean removeJavaProperties,
    boolean specificReader,
    Optional<Class<? extends SpecificRecord>> specificType,
    SubjectNameStrategy subjectNames) {

  static final String AUTO_REGISTER = "auto.register.schemas";
  static final String USE_LATEST = "use.latest.version";
  static final String LATEST_STRICT = "latest.compatibility.strict";
  static final String REMOVE_JAVA_PROPERTIES = "avro.remove.java.properties";
  static final String SPECIFIC_READER = "specific.avro.reader";
  static final String KEY_TYPE = "specific.avro.key.type";
  static final String VALUE_TYPE = "specific.avro.value.type";
  static final String KEY_SUBJECTS = "key.subject.name.strategy";
  static final String VALUE_SUBJECTS = "value.subject.name.strategy";

  static AvroSerdeConfig of(Map<String, ?> config, boolean isKey) {
    return new AvroSerdeConfig(
        RegistryConfig.of(config),
        isKey,
        flag(config, AUTO_REGISTER, true),
        flag(config, USE_LATEST, false),
        flag(config, LATEST_STRICT, true),
        flag(config, REMOVE_JAVA_PROPERTIES, false),
        flag(config, SPECIFIC_READER, false),
        specificType(config, isKey ? KEY_TYPE : VALUE_TYPE),
        subjectNames(config, isKey ? KEY_SUBJECTS : VALUE_SUBJECTS));
  }

  private static SubjectNameStrategy subjectNames(Map<String, ?> config, String key) {
    var value = config.get(key);
    return value == null ? StandardSubjectNames.TOPIC_NAME : StandardSubjectNames.of(key, value);
  }

  private static Optional<Class<? extends SpecificRecord>> specificType(
      Map<String, ?> config, String key) {
    var value = config.get(key);
    if (value == null) {
      return Optional.empty();
    }
    var name = value instanceof Class<?> type ? type.getName() : value.toString();
    return Optional.of(
        RecordClasses.find(name)
            .orElseThrow(
                () -> new ConfigException(key + " names no generated Avro class: " + name)));
  }

  private static boolean flag(Map<String, ?> config, String key, boolean byDefault) {
    var value = config.get(key);
    if (value == null) {
      return byDefault;
    }
    return switch (value.toString().strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(key + " is true or false, not " + value);
    };
  }
}
