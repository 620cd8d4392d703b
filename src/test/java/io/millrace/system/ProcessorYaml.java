package io.millrace.system;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The configuration file of a processor under test. */
public final class ProcessorYaml {

  private static final int PARTITIONS = 3;

  private ProcessorYaml() {}

  /**
   * Writes one.
   *
   * @param guarantee such as {@code exactly_once_v2}
   * @param state what the processor keeps between starts
   * @param more sections that are added or replaced, by name; to that of Kafka they are added
   */
  @SuppressWarnings("unchecked") // sections are maps
  public static String of(
      String bootstrapServers,
      String registryUrl,
      Path model,
      String guarantee,
      Path state,
      Map<String, ?> more) {
    Map<String, Object> kafka = new LinkedHashMap<>();
    kafka.put("bootstrap.servers", bootstrapServers);
    kafka.put("application.id", "system-test");
    kafka.put("state.dir", state.toString());
    kafka.put("processing.guarantee", guarantee);
    // The shortest that a broker grants: a killed processor is missed this late.
    kafka.put("consumer.session.timeout.ms", 6000);
    kafka.put("consumer.heartbeat.interval.ms", 1500);
    // So is its transaction, where the state that knows its name is lost with it.
    kafka.put("producer.transaction.timeout.ms", 6000);
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("kafka", kafka);
    root.put("schema-registry", Map.of("url", registryUrl));
    root.put("topics", Map.of("create", true, "partitions", PARTITIONS, "replication", 1));
    root.put("model", Map.of("directory", model.toString()));
    more.forEach(
        (section, keys) -> {
          if (section.equals("kafka")) {
            kafka.putAll((Map<String, ?>) keys);
          } else {
            root.put(section, keys);
          }
        });
    try {
      return new YAMLMapper().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
