package io.millrace.topology.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything a processor is told, read from one YAML file and overridden by the environment.
 *
 * <p>The records are the one place where keys are declared: names, defaults, ranges and
 * descriptions are read off their components, and {@link #keys()} lists them. A component {@code
 * maxWait} of the section {@code batching} is the key {@code batching.max-wait} and the variable
 * {@code MILLRACE_BATCHING_MAX_WAIT}.
 */
public record MillraceConfiguration(
    @Setting("Passed through to Kafka Streams, such as bootstrap.servers and application.id.")
        Map<String, String> kafka,
    FormatSettings format,
    @Setting(
            "Passed through to the serde under Confluent's names; url is short for"
                + " schema.registry.url.")
        Map<String, String> schemaRegistry,
    TopicSettings topics,
    ModelSettings model,
    EngineSettings engine,
    BatchingSettings batching,
    InflightSettings inflight,
    LimitSettings limits,
    SamplingSettings defaults,
    @Setting("What a model's tokens cost, by model name.") Map<String, PriceSettings> prices) {

  /**
   * Reads a file.
   *
   * @param environment the process's variables; those that start with {@code MILLRACE_} count
   * @throws ConfigurationException if a key is unknown, missing or has a value that does not fit
   */
  public static MillraceConfiguration load(Path file, Map<String, String> environment) {
    try {
      return parse(Files.readString(file), environment);
    } catch (IOException exception) {
      throw new ConfigurationException(
          List.of(file + ": cannot be read (" + exception.getClass().getSimpleName() + ")"));
    }
  }

  /**
   * Reads the text of a file.
   *
   * @throws ConfigurationException as {@link #load}
   */
  public static MillraceConfiguration parse(String yaml, Map<String, String> environment) {
    return new ConfigurationReader(environment).read(yaml);
  }

  /** Every key there is, in the order of the file. */
  public static List<ConfigurationKey> keys() {
    return ConfigurationKeys.all();
  }

  /** Names and defaults, without values that may be secret. */
  @Override
  public String toString() {
    return "MillraceConfiguration[kafka=%s, format=%s, schemaRegistry=%s, topics=%s, model=%s,"
            .formatted(kafka.keySet(), format, schemaRegistry.keySet(), topics, model)
        + " engine=%s, batching=%s, inflight=%s, limits=%s, defaults=%s, prices=%s]"
            .formatted(engine, batching, inflight, limits, defaults, prices);
  }
}
