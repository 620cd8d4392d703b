package io.millrace.schemas;

import io.millrace.events.Prompt;
import io.millrace.schemas.json.JsonEventSerde;
import io.millrace.schemas.json.PromptJsonDeserializer;
import io.millrace.schemas.serde.SpecificAvroSerde;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * How the values of the event topics are written: the one entry point for those who need serdes.
 */
public enum ValueFormat {
  /** Confluent's wire format with a Schema Registry. */
  AVRO,
  /** JSON, where an OpenAI request body is a prompt too. */
  JSON;

  /**
   * Names the Avro serde's class. It is made with its no-argument constructor, so Confluent's own
   * {@code io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde} may stand here.
   */
  public static final String AVRO_SERDE_CLASS = "avro.serde.class";

  /** Reads a configuration value, in any case. */
  public static ValueFormat of(String name) {
    for (var format : values()) {
      if (format.name().equalsIgnoreCase(name.strip())) {
        return format;
      }
    }
    throw new ConfigException("The value format is avro or json, not " + name);
  }

  /**
   * Makes the serde for record values of one event, configured and ready; close it after use.
   *
   * @param type the event's generated class
   * @param config the Kafka configuration: the registry's keys, and {@link #AVRO_SERDE_CLASS}
   */
  public <T extends SpecificRecord> Serde<T> values(Class<T> type, Map<String, ?> config) {
    return switch (this) {
      case AVRO -> avro(type, config);
      case JSON -> new JsonEventSerde<>(type);
    };
  }

  /** As {@link #values} of prompts; in JSON, an OpenAI request body is a prompt as well. */
  public Serde<Prompt> prompts(Map<String, ?> config) {
    return switch (this) {
      case AVRO -> avro(Prompt.class, config);
      case JSON ->
          Serdes.serdeFrom(
              new JsonEventSerde<>(Prompt.class).serializer(), new PromptJsonDeserializer());
    };
  }

  private static <T extends SpecificRecord> Serde<T> avro(Class<T> type, Map<String, ?> config) {
    Map<String, Object> configured = new HashMap<>(config);
    configured.put("specific.avro.reader", true);
    configured.put("specific.avro.value.type", type.getName());
    Serde<T> serde = newAvroSerde(config.get(AVRO_SERDE_CLASS));
    serde.configure(configured, false);
    return serde;
  }

  @SuppressWarnings("unchecked") // The class is the user's choice; its records are checked on use.
  private static <T extends SpecificRecord> Serde<T> newAvroSerde(@Nullable Object serdeClass) {
    if (serdeClass == null) {
      return new SpecificAvroSerde<>();
    }
    var name = serdeClass instanceof Class<?> type ? type.getName() : serdeClass.toString();
    try {
      return (Serde<T>) Utils.newInstance(name, Serde.class);
    } catch (ClassNotFoundException absent) {
      throw new ConfigException(
          AVRO_SERDE_CLASS + " names a class that is not on the class path: " + name);
    }
  }
}
