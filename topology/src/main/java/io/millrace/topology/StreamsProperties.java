package io.millrace.topology;

import io.millrace.topology.config.KafkaDefaults;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.handler.DeadLetters;
import io.millrace.topology.handler.ProcessingFailures;
import io.millrace.topology.handler.ProductionFailures;
import io.millrace.topology.handler.RecordTimestamps;
import io.millrace.topology.store.StoreMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The configuration of Kafka Streams: Millrace's defaults, over which the user's section goes. */
final class StreamsProperties {

  private static final String STATE_DIRECTORY = "millrace.state.dir";

  private StreamsProperties() {}

  static Properties of(
      MillraceConfiguration configuration, DeadLetters letters, StoreMemory memory) {
    var properties = ofClients(configuration);
    properties.put(DeadLetters.PROPERTY, letters);
    properties.put(StoreMemory.PROPERTY, memory);
    return properties;
  }

  /** Without the objects that its own parts look for. */
  static Properties ofClients(MillraceConfiguration configuration) {
    // One of a kind of client would hide what the user has set for all of them.
    var kafka = configuration.kafkaSettings();
    Map<String, Object> all = new LinkedHashMap<>(defaults());
    all.keySet().removeIf(name -> kafka.find(name).isPresent());
    all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, configuration.topics().replication());
    all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, configuration.bootstrapServers());
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, configuration.applicationId());
    all.putAll(configuration.kafka());
    var properties = new Properties();
    properties.putAll(all);
    return properties;
  }

  private static Map<String, Object> defaults() {
    Map<String, Object> defaults = new LinkedHashMap<>();
    // The launcher gives each process a temporary directory of its own: no place for what is to be
    // found again.
    var stateDirectory = System.getProperty(STATE_DIRECTORY);
    if (stateDirectory != null) {
      defaults.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory);
    }
    defaults.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    defaults.putAll(KafkaDefaults.OWN);
    // There is no global state here, and Kafka Streams warns unless this is said of it.
    defaults.put("processing.exception.handler.global.enabled", true);
    // The load-aware consumer needs the classic protocol: with the other one Kafka Streams makes
    // its consumer itself.
    defaults.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    defaults.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    defaults.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, ProcessingFailures.class);
    defaults.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, ProductionFailures.class);
    defaults.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.Setter.class);
    defaults.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, RecordTimestamps.class);
    defaults.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, KafkaDefaults.RECORDS_AHEAD);
    // While prompts are in flight the consumer reads its socket every few milliseconds only: what
    // lies there should not be bounded by Kafka's 64 KiB but by what the system finds right.
    defaults.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), -1);
    // A transaction that begins while the last one's end is still being written is sent back, which
    // is over in milliseconds; Kafka would wait 100 ms. A batch's later retries wait longer.
    defaults.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 1);
    // When that happens to one batch, those sent behind it arrive out of order, which the broker
    // reports as an error of its own; with one at a time there are none behind it.
    defaults.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
    return defaults;
  }
}
