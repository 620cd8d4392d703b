package io.millrace.cli.reply;

import io.millrace.cli.CommandException;
import io.millrace.topology.TopicCheck;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.TopicSettings;
import io.millrace.topology.format.ConfiguredFormat;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;

/**
 * Makes producers, consumers and serdes that fit a processor's configuration: the same brokers, the
 * same security, the same topics, the same value format.
 */
public final class Clients {

  /** A broker that is there answers each request much sooner. */
  private static final Duration LONGEST_REQUEST = Duration.ofSeconds(10);

  private final MillraceConfiguration configuration;
  private final Duration patience;

  /**
   * @param patience how long a client waits for brokers that do not answer
   */
  public Clients(MillraceConfiguration configuration, Duration patience) {
    this.configuration = configuration;
    this.patience = patience;
  }

  public TopicSettings topics() {
    return configuration.topics();
  }

  /**
   * Looks whether the brokers answer and have the topics that clients use: a client that names a
   * topic which is not there would make brokers create it, with a number of partitions of theirs.
   *
   * @throws CommandException if topics are missing
   * @throws org.apache.kafka.common.errors.TimeoutException if no broker answers in time
   */
  public void checkTopics() {
    var properties = passedThrough(AdminClientConfig.configNames());
    var request = patience.compareTo(LONGEST_REQUEST) < 0 ? patience : LONGEST_REQUEST;
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(patience));
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(request));
    try (var admin = Admin.create(properties)) {
      var present = new TopicCheck(admin, topics()).partitionCounts().keySet();
      var missing =
          Stream.of(
                  topics().promptsTopic(),
                  topics().tokensTopic(),
                  topics().completionsTopic(),
                  topics().usageTopic())
              .filter(topic -> !present.contains(topic))
              .toList();
      if (!missing.isEmpty()) {
        throw new CommandException(
            "%s has no topic %s. Start the processor, which creates them with topics.create: true,"
                    .formatted(bootstrapServers(), String.join(", ", missing))
                + " or create them; names come from topics.prefix");
      }
    }
  }

  public String bootstrapServers() {
    return configuration.bootstrapServers();
  }

  /** The serde of one event's values, configured; the caller closes it. */
  public <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    return configuration
        .format()
        .values()
        .values(type, ConfiguredFormat.serdeProperties(configuration));
  }

  public Properties producerProperties() {
    var properties = passedThrough(ProducerConfig.configNames());
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis(patience));
    return properties;
  }

  /** Of a consumer without a group that reads what is committed, from the beginning on. */
  public Properties committedReader() {
    return consumerProperties("read_committed");
  }

  Properties consumerProperties(String isolationLevel) {
    var properties = passedThrough(ConsumerConfig.configNames());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(patience));
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return properties;
  }

  /** What of the processor's Kafka section is for a client: addresses and security, no tuning. */
  private Properties passedThrough(Set<String> known) {
    var properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers());
    for (var entry : configuration.kafka().entrySet()) {
      var key = entry.getKey();
      var isConnection =
          key.startsWith("security.") || key.startsWith("sasl.") || key.startsWith("ssl.");
      if (isConnection && known.contains(key)) {
        properties.put(key, entry.getValue());
      }
    }
    return properties;
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }
}
