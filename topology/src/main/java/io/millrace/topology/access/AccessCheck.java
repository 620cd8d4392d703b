package io.millrace.topology.access;

import static java.util.Objects.requireNonNull;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.millrace.topology.config.MillraceConfiguration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the brokers before the start whether the processor may read, write and commit where it has
 * to: without it the first event would find out, or the first commit.
 *
 * <p>What does not exist yet is not known to be allowed or not.
 */
public final class AccessCheck {

  private final Admin admin;
  private final MillraceConfiguration configuration;

  /**
   * @param admin stays the caller's
   */
  public AccessCheck(Admin admin, MillraceConfiguration configuration) {
    this.admin = admin;
    this.configuration = configuration;
  }

  /**
   * Refuses to go on without access.
   *
   * @throws MissingAccessException if something has to be allowed
   * @throws KafkaException if the brokers do not answer, or do not know who asks
   */
  public void run() {
    var missing = missing();
    if (!missing.isEmpty()) {
      throw new MissingAccessException(missing);
    }
  }

  /** What has to be allowed; empty if all that is known of is. */
  public List<MissingAccess> missing() {
    List<MissingAccess> missing = new ArrayList<>();
    operations()
        .forEach(
            (topic, operation) -> {
              if (!isAllowed(topic, operation)) {
                missing.add(MissingAccess.toTopic(operation, topic));
              }
            });
    var group = configuration.applicationId();
    if (!mayJoin(group)) {
      missing.add(MissingAccess.toGroup(group));
    }
    if (configuration.isExactlyOnce() && !maySeeTransactions(group)) {
      missing.add(MissingAccess.toTransactions(group));
    }
    return missing;
  }

  private Map<String, AclOperation> operations() {
    var topics = configuration.topics();
    Map<String, AclOperation> operations = new LinkedHashMap<>();
    operations.put(topics.promptsTopic(), READ);
    if (topics.hasControl()) {
      operations.put(topics.controlTopic(), READ);
    }
    operations.put(topics.tokensTopic(), WRITE);
    operations.put(topics.completionsTopic(), WRITE);
    operations.put(topics.usageTopic(), WRITE);
    operations.put(topics.errorsTopic(), WRITE);
    return operations;
  }

  private boolean isAllowed(String topic, AclOperation operation) {
    var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
    var answers = admin.describeTopics(List.of(topic), options).topicNameValues();
    return isAllowed(
        requireNonNull(answers.get(topic)), TopicDescription::authorizedOperations, operation);
  }

  private boolean mayJoin(String group) {
    var options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
    var answers = admin.describeConsumerGroups(List.of(group), options).describedGroups();
    return isAllowed(
        requireNonNull(answers.get(group)), ConsumerGroupDescription::authorizedOperations, READ);
  }

  /** To write a transaction allows to see it, and there is no way to ask for more. */
  private boolean maySeeTransactions(String applicationId) {
    var id = applicationId + "-access-check";
    var answer = admin.describeTransactions(List.of(id)).description(id);
    return isAllowed(answer, description -> null, WRITE);
  }

  private interface Authorized<T> {
    @Nullable Set<AclOperation> operations(T description);
  }

  /** Brokers that do not say what is allowed, and what does not exist, count as allowed. */
  private static <T> boolean isAllowed(
      KafkaFuture<T> answer, Authorized<T> authorized, AclOperation operation) {
    try {
      var allowed = authorized.operations(answer.get());
      return allowed == null || allowed.isEmpty() || allowed.contains(operation);
    } catch (InterruptedException exception) {
      throw new InterruptException(exception);
    } catch (ExecutionException exception) {
      return switch (exception.getCause()) {
        case AuthorizationException denied -> false;
        case AuthenticationException stranger -> throw stranger;
        case TimeoutException silent -> throw silent;
        case ApiException unknown -> true;
        case null, default -> throw new KafkaException(exception);
      };
    }
  }
}
