package io.millrace.topology;

import io.millrace.topology.config.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks before the start whether the topics are as they have to be; creates them if told to. */
public final class TopicCheck {

  private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);
  private static final String TRANSACTION_VERSION = "transaction.version";

  private final Admin admin;
  private final TopicSettings topics;

  /**
   * @param admin stays the caller's
   */
  public TopicCheck(Admin admin, TopicSettings topics) {
    this.admin = admin;
    this.topics = topics;
  }

  /**
   * Creates what is missing where {@code topics.create} says so, and checks the rest.
   *
   * @throws MissingTopicsException if topics are missing and not to be created
   * @throws PartitionMismatchException if prompts and commands cannot meet in one task
   * @throws KafkaException if the broker does not answer, or refuses
   */
  public void run() {
    var present = partitionCounts();
    var missing = topics.all().stream().filter(topic -> !present.containsKey(topic)).toList();
    if (!missing.isEmpty() && !topics.create()) {
      throw new MissingTopicsException(missing);
    }
    create(missing, Optional.ofNullable(present.get(topics.promptsTopic())));
    checkPartitions(partitionCounts());
    warnOfOldTransactions();
  }

  /** The partitions of those of the topics that exist, by name. */
  public Map<String, Integer> partitionCounts() {
    Map<String, Integer> counts = new TreeMap<>();
    admin
        .describeTopics(topics.all())
        .topicNameValues()
        .forEach(
            (topic, description) -> {
              try {
                TopicDescription found = await(description::get);
                counts.put(topic, found.partitions().size());
              } catch (UnknownTopicOrPartitionException exception) {
                LOG.debug("{} does not exist", topic);
              }
            });
    return counts;
  }

  private void create(List<String> missing, Optional<Integer> promptPartitions) {
    // Replies are to land on the partition number of their prompt.
    int partitions = promptPartitions.orElse(topics.partitions());
    List<NewTopic> wanted = new ArrayList<>();
    for (var topic : missing) {
      var replication =
          topics.replication() < 0
              ? Optional.<Short>empty()
              : Optional.of((short) topics.replication());
      wanted.add(new NewTopic(topic, Optional.of(partitions), replication));
    }
    admin
        .createTopics(wanted)
        .values()
        .forEach(
            (topic, creation) -> {
              try {
                await(creation::get);
                LOG.info("Created {} with {} partitions", topic, partitions);
              } catch (TopicExistsException exception) {
                LOG.info("{} was created by another instance", topic);
              }
            });
  }

  /**
   * Checks that prompts and commands can meet in one task.
   *
   * @param present as {@link #partitionCounts()} returns it
   * @throws PartitionMismatchException if they cannot
   */
  public void checkPartitions(Map<String, Integer> present) {
    if (!topics.hasControl()) {
      return;
    }
    var prompts = present.get(topics.promptsTopic());
    var control = present.get(topics.controlTopic());
    if (prompts != null && control != null && !prompts.equals(control)) {
      throw new PartitionMismatchException(
          "%s has %d partitions and %s has %d: a command reaches its prompt only if both have the"
                  .formatted(topics.promptsTopic(), prompts, topics.controlTopic(), control)
              + " same number");
    }
  }

  /** Before version 2, a transaction could be torn by a delayed message (KIP-890). */
  private void warnOfOldTransactions() {
    var features = await(admin.describeFeatures().featureMetadata()::get).finalizedFeatures();
    var version = features.get(TRANSACTION_VERSION);
    if (version == null || version.maxVersionLevel() < 2) {
      LOG.warn(
          "The brokers' {} is below 2, so exactly once has gaps (KIP-890)", TRANSACTION_VERSION);
    }
  }

  private interface Answer<T> {
    T get() throws InterruptedException, ExecutionException;
  }

  private static <T> T await(Answer<T> answer) {
    try {
      return answer.get();
    } catch (InterruptedException exception) {
      throw new InterruptException(exception);
    } catch (ExecutionException exception) {
      throw exception.getCause() instanceof KafkaException cause
          ? cause
          : new KafkaException(exception);
    }
  }

  /** Two topics that are read together differ in their number of partitions. */
  public static final class PartitionMismatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PartitionMismatchException(String message) {
      super(message);
    }
  }

  /** Topics are missing and not to be created. */
  public static final class MissingTopicsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final List<String> topics;

    MissingTopicsException(List<String> topics) {
      super(
          "these topics do not exist: %s; create them, or set topics.create: true"
              .formatted(String.join(", ", topics)));
      this.topics = List.copyOf(topics);
    }

    public List<String> topics() {
      return topics;
    }
  }
}
