package io.millrace.cli.reply;

import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.TopicSettings;
import io.millrace.topology.format.ConfiguredFormat;
import java.util.Properties;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;

/**
 * Makes producers, consumers and serdes that fit a processor's configuration: the same brokers, the
 * same security, the same topics, the same value format.
 */
public final class Clients {

  private final MillraceConfiguration configuration;

  public Clients(MillraceConfiguration configuration) {
    this.configuration = configuration;
  }

  public TopicSettings topics() {
    return configuration.topics();
  }

  public String bootstrapServers() {
    return configuration.kafka().getOrDefault("bootstrap.servers", "");
  }

  /** The serde of one event's values, configured; the caller closes it. */
  <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    return configuration
        .format()
        .values()
        .values(type, ConfiguredFormat.serdeProperties(configuration));
  }

  Properties producerProperties() {
    var properties = passedThrough(ProducerConfig.configNames());
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
    return properties;
  }

  Properties consumerProperties(String isolationLevel) {
    var properties = passedThrough(ConsumerConfig.configNames());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return properties;
  }

  /** What of the processor's Kafka section is for a client: addresses and security, no tuning. */
  private Properties passedThrough(Set<String> known) {
    var properties = new Properties();
    for (var entry : configuration.kafka().entrySet()) {
      var key = entry.getKey();
      var isConnection =
          key.equals("bootstrap.servers")
              || key.startsWith("security.")
              || key.startsWith("sasl.")
              || key.startsWith("ssl.");
      if (isConnection && known.contains(key)) {
        properties.put(key, entry.getValue());
      }
    }
    return properties;
  }
}
