package io.millrace.topology.config;

import io.millrace.schemas.ValueFormat;
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
    MonitoringSettings monitoring,
    @Setting("What a model's tokens cost, by model name.") Map<String, PriceSettings> prices) {

  private static final String MAX_REQUEST_SIZE = "producer.max.request.size";

  /** What place, Avro and Kafka add to a prompt in the in-flight store. */
  private static final int ENTRY_OVERHEAD_BYTES = 4 << 10;

  private static final int UTF_8_BYTES_PER_CHARACTER = 3;

  /** Base64 in JSON writes three bytes as four characters, and a control character takes six. */
  private static final int JSON_BYTES_PER_CHARACTER = 6;

  /**
   * @throws IllegalArgumentException if a prompt within the limits may be too large for the log of
   *     prompts in flight, or its dead letter for the errors topic
   */
  public MillraceConfiguration {
    long idBytes = (long) UTF_8_BYTES_PER_CHARACTER * limits.requestIdLength();
    long carriedBytes = limits.keyAndHeaderBytes().bytes();
    requireRoom(
        kafka,
        limits.promptBytes().bytes() + carriedBytes + idBytes + ENTRY_OVERHEAD_BYTES,
        "limits.prompt-bytes " + limits.promptBytes(),
        limits);
    long letterBytes = limits.errorValueBytes().bytes() + carriedBytes;
    if (format.values() == ValueFormat.JSON) {
      letterBytes = (letterBytes + 2) / 3 * 4;
      idBytes = (long) JSON_BYTES_PER_CHARACTER * limits.requestIdLength();
    }
    // The record's own key and headers come on top of those that the letter quotes.
    requireRoom(
        kafka,
        letterBytes + carriedBytes + idBytes + ENTRY_OVERHEAD_BYTES,
        "limits.error-value-bytes " + limits.errorValueBytes(),
        limits);
  }

  private static void requireRoom(
      Map<String, String> kafka, long bytes, String limit, LimitSettings limits) {
    long most = new KafkaSettings(kafka).number(MAX_REQUEST_SIZE);
    if (bytes > most) {
      throw new IllegalArgumentException(
          ("kafka.producer.max.request.size must be %d or more, not %d, for %s"
                  + " and limits.key-and-header-bytes %s")
              .formatted(bytes, most, limit, limits.keyAndHeaderBytes()));
    }
  }

  /** What the section {@code kafka} comes to for each kind of client. */
  public KafkaSettings kafkaSettings() {
    return new KafkaSettings(kafka);
  }

  /** Whether what a task writes between two commits is written as a whole or not at all. */
  public boolean isExactlyOnce() {
    return kafkaSettings().isExactlyOnce();
  }

  /** Whether the group keeps this processor's place while it restarts. */
  public boolean isStaticMember() {
    return kafkaSettings().find("consumer.group.instance.id").isPresent();
  }

  /** Bytes of the largest record that the producer takes. */
  public long maxRecordBytes() {
    return kafkaSettings().number(MAX_REQUEST_SIZE);
  }

  /**
   * Reads a file.
   *
   * @param environment the process's variables; those that start with {@code MILLRACE_} count, and
   *     one of a secret may name a file instead, with {@code _FILE} behind its name
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
    return new ConfigurationReader(SecretFiles.resolve(environment)).read(yaml);
  }

  /** Where brokers are: {@code kafka.bootstrap.servers}, or Kafka's own port on this machine. */
  public String bootstrapServers() {
    return kafka.getOrDefault("bootstrap.servers", "localhost:9092");
  }

  /** The group's and the transactions' name: {@code kafka.application.id}. */
  public String applicationId() {
    return kafka.getOrDefault("application.id", "millrace");
  }

  /** Whether a variable names the file of a secret, as {@link #load} says. */
  public static boolean namesSecretFile(String variable) {
    return SecretFiles.isOne(variable);
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
        + " engine=%s, batching=%s, inflight=%s, limits=%s, defaults=%s, monitoring=%s, prices=%s]"
            .formatted(engine, batching, inflight, limits, defaults, monitoring, prices);
  }
}
