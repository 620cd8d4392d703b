package io.millrace.topology;

import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a configuration with what topics and brokers are set to. Where this user may not see
 * their settings it says so and goes on.
 */
public final class BrokerLimits {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLimits.class);

  private static final String MESSAGE_BYTES = "max.message.bytes";
  private static final String CLEANUP = "cleanup.policy";
  private static final String RETENTION = "retention.ms";
  private static final long SHORT_RETENTION_MILLIS = 3_600_000;

  private final Admin admin;
  private final MillraceConfiguration configuration;

  public BrokerLimits(Admin admin, MillraceConfiguration configuration) {
    this.admin = admin;
    this.configuration = configuration;
  }

  /**
   * @throws UnsafeTopicsException if they do not go together
   */
  public void check() {
    List<String> reasons = new ArrayList<>();
    topics(describe(topicResources()), reasons);
    try {
      brokers(describe(List.of(anyBroker())), reasons);
    } catch (ExecutionException exception) {
      LOG.debug("The brokers' settings are not known", exception);
    } catch (InterruptedException exception) {
      throw new InterruptException(exception);
    }
    if (!reasons.isEmpty()) {
      throw new UnsafeTopicsException(String.join("; ", reasons));
    }
  }

  private List<ConfigResource> topicResources() {
    return configuration.topics().all().stream()
        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
        .toList();
  }

  private ConfigResource anyBroker() throws ExecutionException, InterruptedException {
    var node = admin.describeCluster().nodes().get().iterator().next();
    return new ConfigResource(ConfigResource.Type.BROKER, node.idString());
  }

  /** By name; what may not be seen is left out. */
  private Map<String, Config> describe(List<ConfigResource> resources) {
    Map<String, Config> all = new TreeMap<>();
    admin
        .describeConfigs(resources)
        .values()
        .forEach(
            (resource, future) -> {
              try {
                all.put(resource.name(), future.get());
              } catch (InterruptedException exception) {
                throw new InterruptException(exception);
              } catch (ExecutionException exception) {
                if (!(exception.getCause() instanceof AuthorizationException)) {
                  throw exception.getCause() instanceof KafkaException cause
                      ? cause
                      : new KafkaException(exception);
                }
                LOG.info("The settings of {} may not be seen, so they are not checked", resource);
              }
            });
    return all;
  }

  private void topics(Map<String, Config> topics, List<String> reasons) {
    topics.forEach((topic, config) -> topic(topic, config, configuration, reasons));
  }

  static void topic(
      String topic, Config config, MillraceConfiguration configuration, List<String> reasons) {
    TopicSettings names = configuration.topics();
    boolean isOutput =
        Stream.of(
                names.tokensTopic(),
                names.completionsTopic(),
                names.usageTopic(),
                names.errorsTopic())
            .anyMatch(topic::equals);
    boolean isPrompts = topic.equals(names.promptsTopic());
    long messageBytes = number(config, MESSAGE_BYTES, Long.MAX_VALUE);
    if (isOutput && messageBytes < configuration.maxRecordBytes()) {
      reasons.add(
          ("%s takes records of %d bytes and kafka.producer.max.request.size lets %d through: one"
                  + " in between would stop its partition for good; raise the topic's %s")
              .formatted(topic, messageBytes, configuration.maxRecordBytes(), MESSAGE_BYTES));
    }
    if ((isOutput || isPrompts) && text(config, CLEANUP).contains("compact")) {
      reasons.add(
          "%s is compacted, which deletes all but the last of the events that share a key; set its %s to delete"
              .formatted(topic, CLEANUP));
    }
    long retention = number(config, RETENTION, -1);
    if (isPrompts && retention >= 0 && retention < SHORT_RETENTION_MILLIS) {
      LOG.warn(
          "{} of {} is {}: prompts that wait for longer are deleted unread",
          RETENTION,
          topic,
          retention);
    }
  }

  private void brokers(Map<String, Config> brokers, List<String> reasons) {
    brokers.values().forEach(config -> broker(config, configuration, reasons));
  }

  static void broker(Config config, MillraceConfiguration configuration, List<String> reasons) {
    var kafka = configuration.kafkaSettings();
    long transaction = kafka.number("producer.transaction.timeout.ms");
    long most = number(config, "transaction.max.timeout.ms", Long.MAX_VALUE);
    if (configuration.isExactlyOnce() && transaction > most) {
      reasons.add(
          "kafka.producer.transaction.timeout.ms %d is more than the brokers' transaction.max.timeout.ms %d, so no transaction could begin; lower it"
              .formatted(transaction, most));
    }
    long session = kafka.number("consumer.session.timeout.ms");
    long least = number(config, "group.min.session.timeout.ms", 0);
    long longest = number(config, "group.max.session.timeout.ms", Long.MAX_VALUE);
    if (session < least || session > longest) {
      reasons.add(
          "kafka.consumer.session.timeout.ms %d is not within the brokers' group.min.session.timeout.ms %d and group.max.session.timeout.ms %d, so no processor could join; set it within"
              .formatted(session, least, longest));
    }
  }

  private static String text(Config config, String key) {
    var entry = config.get(key);
    return entry == null || entry.value() == null ? "" : entry.value();
  }

  private static long number(Config config, String key, long otherwise) {
    var text = text(config, key);
    return text.isEmpty() ? otherwise : Long.parseLong(text);
  }

  /** Topics or brokers are set so that a promise would break. */
  public static final class UnsafeTopicsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnsafeTopicsException(String message) {
      super(message);
    }
  }
}
