package io.millrace.topology;

import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.TopicSettings;
import io.millrace.topology.config.UnsafeSetting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares a configuration with what topics and brokers are set to. */
public final class BrokerLimits {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLimits.class);

  private static final String MESSAGE_BYTES = "max.message.bytes";
  private static final String CLEANUP = "cleanup.policy";
  private static final String RETENTION = "retention.ms";
  private static final long SHORT_RETENTION_MILLIS = 3_600_000;

  private final Admin admin;
  private final MillraceConfiguration configuration;

  /**
   * @param admin stays the caller's
   */
  public BrokerLimits(Admin admin, MillraceConfiguration configuration) {
    this.admin = admin;
    this.configuration = configuration;
  }

  /**
   * What was found.
   *
   * @param refusals what breaks a promise
   * @param warnings what may do harm
   * @param unseen topics and brokers whose settings this user may not see
   */
  public record Report(
      List<UnsafeSetting> refusals, List<UnsafeSetting> warnings, List<String> unseen) {}

  /**
   * Goes on where settings may not be seen, and says so.
   *
   * @throws UnsafeTopicsException if they do not go together
   */
  public void check() {
    var report = compare();
    report
        .unseen()
        .forEach(name -> LOG.info("The settings of {} may not be seen: they are unchecked", name));
    report.warnings().forEach(warning -> LOG.warn("{}", warning));
    if (!report.refusals().isEmpty()) {
      throw new UnsafeTopicsException(
          report.refusals().stream().map(Object::toString).collect(Collectors.joining("; ")));
    }
  }

  /**
   * Compares. A topic that does not exist is left out.
   *
   * @throws KafkaException if the brokers do not answer
   */
  public Report compare() {
    List<UnsafeSetting> refusals = new ArrayList<>();
    List<UnsafeSetting> warnings = new ArrayList<>();
    List<String> unseen = new ArrayList<>();
    describe(topics(), unseen)
        .forEach(
            (topic, config) -> {
              refusals.addAll(refusals(topic, config, configuration));
              warnings.addAll(warnings(topic, config, configuration));
            });
    describe(List.of(anyBroker()), unseen)
        .values()
        .forEach(config -> refusals.addAll(refusals(config, configuration)));
    return new Report(refusals, warnings, unseen);
  }

  private List<ConfigResource> topics() {
    return configuration.topics().all().stream()
        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
        .toList();
  }

  private ConfigResource anyBroker() {
    try {
      var node = admin.describeCluster().nodes().get().iterator().next();
      return new ConfigResource(ConfigResource.Type.BROKER, node.idString());
    } catch (InterruptedException exception) {
      throw new InterruptException(exception);
    } catch (ExecutionException exception) {
      throw kafka(exception);
    }
  }

  /** By name. */
  private Map<String, Config> describe(List<ConfigResource> resources, List<String> unseen) {
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
                switch (exception.getCause()) {
                  case UnknownTopicOrPartitionException _ ->
                      LOG.debug("{} does not exist", resource.name());
                  case AuthorizationException _ -> unseen.add(name(resource));
                  case null, default -> throw kafka(exception);
                }
              }
            });
    return all;
  }

  private static String name(ConfigResource resource) {
    return resource.type() == ConfigResource.Type.BROKER ? "the brokers" : resource.name();
  }

  private static KafkaException kafka(ExecutionException exception) {
    return exception.getCause() instanceof KafkaException cause
        ? cause
        : new KafkaException(exception);
  }

  static List<UnsafeSetting> refusals(
      String topic, Config config, MillraceConfiguration configuration) {
    List<UnsafeSetting> refusals = new ArrayList<>();
    boolean isOutput = isOutput(topic, configuration.topics());
    long messageBytes = number(config, MESSAGE_BYTES, Long.MAX_VALUE);
    if (isOutput && messageBytes < configuration.maxRecordBytes()) {
      refusals.add(
          new UnsafeSetting(
              ("%s takes records of %d bytes and kafka.producer.max.request.size lets %d through:"
                      + " one in between would stop its partition for good")
                  .formatted(topic, messageBytes, configuration.maxRecordBytes()),
              "raise the topic's " + MESSAGE_BYTES));
    }
    boolean isPrompts = topic.equals(configuration.topics().promptsTopic());
    if ((isOutput || isPrompts) && text(config, CLEANUP).contains("compact")) {
      refusals.add(
          new UnsafeSetting(
              "%s is compacted, which deletes all but the last of the events that share a key"
                  .formatted(topic),
              "set its %s to delete".formatted(CLEANUP)));
    }
    return refusals;
  }

  private static boolean isOutput(String topic, TopicSettings topics) {
    return Stream.of(
            topics.tokensTopic(),
            topics.completionsTopic(),
            topics.usageTopic(),
            topics.errorsTopic())
        .anyMatch(topic::equals);
  }

  static List<UnsafeSetting> warnings(
      String topic, Config config, MillraceConfiguration configuration) {
    boolean isPrompts = topic.equals(configuration.topics().promptsTopic());
    long retention = number(config, RETENTION, -1);
    return isPrompts && retention >= 0 && retention < SHORT_RETENTION_MILLIS
        ? List.of(
            new UnsafeSetting(
                "%s of %s is %d: prompts that wait for longer are deleted unread"
                    .formatted(RETENTION, topic, retention),
                "raise it"))
        : List.of();
  }

  static List<UnsafeSetting> refusals(Config broker, MillraceConfiguration configuration) {
    List<UnsafeSetting> refusals = new ArrayList<>();
    var kafka = configuration.kafkaSettings();
    long transaction = kafka.number("producer.transaction.timeout.ms");
    long most = number(broker, "transaction.max.timeout.ms", Long.MAX_VALUE);
    if (configuration.isExactlyOnce() && transaction > most) {
      refusals.add(
          new UnsafeSetting(
              ("kafka.producer.transaction.timeout.ms %d is more than the brokers'"
                      + " transaction.max.timeout.ms %d, so no transaction could begin")
                  .formatted(transaction, most),
              "lower it"));
    }
    long session = kafka.number("consumer.session.timeout.ms");
    long least = number(broker, "group.min.session.timeout.ms", 0);
    long longest = number(broker, "group.max.session.timeout.ms", Long.MAX_VALUE);
    if (session < least || session > longest) {
      refusals.add(
          new UnsafeSetting(
              ("kafka.consumer.session.timeout.ms %d is not within the brokers'"
                   + " group.min.session.timeout.ms %d and group.max.session.timeout.ms %d, so no"
                   + " processor could join")
                  .formatted(session, least, longest),
              "set it within"));
    }
    return refusals;
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
