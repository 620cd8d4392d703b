package io.millrace.topology.format;

import io.millrace.events.Control;
import io.millrace.events.Prompt;
import io.millrace.schemas.ValueFormat;
import io.millrace.topology.config.MillraceConfiguration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** The value format that the configuration names. */
public final class ConfiguredFormat implements EventFormat {

  private static final String URL = "url";
  private static final String REGISTRY_URL = "schema.registry.url";

  private final ValueFormat format;
  private final Map<String, Object> properties;
  private final List<Serde<?>> open = new ArrayList<>();
  private final Map<Class<?>, Serializer<?>> events = new HashMap<>();
  private final Deserializer<Prompt> prompts;
  private final Deserializer<Control> controls;

  /**
   * @throws org.apache.kafka.common.config.ConfigException if the serde cannot be made
   */
  public ConfiguredFormat(MillraceConfiguration configuration) {
    format = configuration.format().values();
    properties = serdeProperties(configuration);
    prompts = opened(format.prompts(properties)).deserializer();
    controls = opened(format.values(Control.class, properties)).deserializer();
  }

  /** What serdes of {@link ValueFormat} are configured with, also those of other clients. */
  public static Map<String, Object> serdeProperties(MillraceConfiguration configuration) {
    Map<String, Object> properties = new HashMap<>(configuration.schemaRegistry());
    var url = properties.remove(URL);
    if (url != null) {
      properties.put(REGISTRY_URL, url);
    }
    if (!configuration.format().avroSerde().isBlank()) {
      properties.put(ValueFormat.AVRO_SERDE_CLASS, configuration.format().avroSerde());
    }
    return properties;
  }

  @Override
  public Deserializer<Prompt> prompts() {
    return prompts;
  }

  @Override
  public Deserializer<Control> controls() {
    return controls;
  }

  /** One serializer for each type, so that all share what it has learnt from the registry. */
  @Override
  @SuppressWarnings("unchecked") // each type is stored with its own serializer
  public <T extends SpecificRecord> Serializer<T> events(Class<T> type) {
    return (Serializer<T>)
        events.computeIfAbsent(
            type, absent -> opened(format.values(type, properties)).serializer());
  }

  private <S extends Serde<?>> S opened(S serde) {
    open.add(serde);
    return serde;
  }

  @Override
  public void close() {
    open.forEach(Serde::close);
    open.clear();
  }
}
