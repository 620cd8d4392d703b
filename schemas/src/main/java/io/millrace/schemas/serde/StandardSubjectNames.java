package io.millrace.schemas.serde;

import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Utils;

/** Confluent's three ways to name subjects, known by Confluent's names. */
public enum StandardSubjectNames implements SubjectNameStrategy {
  /** {@code TOPIC-key} and {@code TOPIC-value}: one schema, evolving, for each topic. */
  TOPIC_NAME("TopicNameStrategy") {
    @Override
    public String subject(String topic, boolean isKey, Schema schema) {
      return topic + (isKey ? "-key" : "-value");
    }
  },
  /** The record's full name: one schema, evolving, whatever the topic. */
  RECORD_NAME("RecordNameStrategy") {
    @Override
    public String subject(String topic, boolean isKey, Schema schema) {
      return schema.getFullName();
    }
  },
  /** {@code TOPIC-RECORD}: several records in one topic, each evolving by itself. */
  TOPIC_RECORD_NAME("TopicRecordNameStrategy") {
    @Override
    public String subject(String topic, boolean isKey, Schema schema) {
      return topic + "-" + schema.getFullName();
    }
  };

  private final String simpleName;

  StandardSubjectNames(String simpleName) {
    this.simpleName = simpleName;
  }

  /**
   * Reads a configuration value: one of the three names, with or without Confluent's package, or a
   * {@link SubjectNameStrategy} of the user's own.
   */
  static SubjectNameStrategy of(String key, Object value) {
    var name = value instanceof Class<?> type ? type.getName() : value.toString().strip();
    var isOwn = name.contains(".") && !name.startsWith("io.confluent.");
    if (isOwn) {
      try {
        return Utils.newInstance(name, SubjectNameStrategy.class);
      } catch (ClassNotFoundException absent) {
        throw new ConfigException(key + " names a class that is not on the class path: " + name);
      }
    }
    for (var strategy : values()) {
      if (strategy.simpleName.equals(name.substring(name.lastIndexOf('.') + 1))) {
        return strategy;
      }
    }
    throw new ConfigException(
        key
            + " is TopicNameStrategy, RecordNameStrategy, TopicRecordNameStrategy or a class of"
            + " your own, not "
            + name);
  }
}
