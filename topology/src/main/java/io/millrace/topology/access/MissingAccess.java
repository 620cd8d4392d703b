package io.millrace.topology.access;

import java.util.Locale;
import org.apache.kafka.common.acl.AclOperation;

/**
 * Something that the processor has to be allowed to do and is not.
 *
 * @param operation such as {@link AclOperation#WRITE}
 * @param resource as {@code kafka-acls.sh} is told it, such as {@code --topic millrace.tokens}
 */
public record MissingAccess(AclOperation operation, String resource) {

  static MissingAccess toTopic(AclOperation operation, String topic) {
    return new MissingAccess(operation, "--topic " + topic);
  }

  /** Group members have the name of the group. */
  static MissingAccess toGroup(String group) {
    return new MissingAccess(AclOperation.READ, "--group " + group);
  }

  static MissingAccess toCreate() {
    return new MissingAccess(AclOperation.CREATE, "--cluster");
  }

  /** Kafka Streams names the transactions of its threads after the application. */
  static MissingAccess toTransactions(String applicationId) {
    return new MissingAccess(
        AclOperation.WRITE,
        "--transactional-id %s --resource-pattern-type prefixed".formatted(applicationId));
  }

  /** The command that gives it, but for the user's name. */
  public String remedy() {
    var name = operation.name();
    return "kafka-acls.sh --add --allow-principal User:NAME --operation %s%s %s"
        .formatted(name.substring(0, 1), name.substring(1).toLowerCase(Locale.ROOT), resource);
  }
}
