package io.millrace.topology.format;

import io.millrace.events.Control;
import io.millrace.events.Prompt;
import io.millrace.schemas.ValueFormat;
import io.millrace.schemas.registry.RegistryConfig;
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
    var input = inputProperties(properties);
    prompts = opened(format.prompts(input)).deserializer();
    controls = opened(format.values(Control.class, input)).deserializer();
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

  /**
   * Those of the deserializers. They run on a stream thread, which may stop for no longer than its
   * transaction lives; a prompt that cannot be read is held and tried again, so they need not do
   * that themselves. The serializers have learnt all they need before the start.
   */
  static Map<String, Object> inputProperties(Map<String, Object> properties) {
    Map<String, Object> input = new HashMap<>(properties);
    input.putIfAbsent(RegistryConfig.MAX_RETRIES, 0);
    input.putIfAbsent(RegistryConfig.CONNECT_TIMEOUT, 500);
    input.putIfAbsent(RegistryConfig.READ_TIMEOUT, 1_000);
    return input;
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
