package io.millrace.topology.access;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;
import org.jspecify.annotations.Nullable;

/** Says in a sentence what a broker refused, and in another what to mend. */
public final class BrokerRefusals {

  private BrokerRefusals() {}

  /** Empty if nothing was refused. */
  public static Optional<String> explain(@Nullable Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      var sentence = sentence(cause);
      if (sentence != null) {
        return Optional.of(sentence);
      }
    }
    return Optional.empty();
  }

  private static @Nullable String sentence(Throwable cause) {
    return switch (cause) {
      case SslAuthenticationException handshake -> handshake(handshake);
      case UnsupportedSaslMechanismException mechanism ->
          "the brokers do not offer this way to log in; set kafka.sasl.mechanism to one of theirs ("
              + mechanism.getMessage()
              + ")";
      case SaslAuthenticationException credentials ->
          "the brokers refuse the credentials; correct kafka.sasl.jaas.config or the user ("
              + credentials.getMessage()
              + ")";
      case AuthenticationException other ->
          "the brokers do not take the connection; correct kafka.security.protocol and the sasl and"
              + " ssl settings by it ("
              + other.getMessage()
              + ")";
      case TopicAuthorizationException topics ->
          "this user may not use %s; allow it, each with %s"
              .formatted(
                  String.join(", ", topics.unauthorizedTopics()),
                  MissingAccess.toTopic(AclOperation.ALL, "TOPIC").remedy());
      case GroupAuthorizationException group ->
          "this user may not join the group; allow it with "
              + MissingAccess.toGroup(group.groupId()).remedy();
      case TransactionalIdAuthorizationException transactions ->
          "this user may not begin transactions; allow it, under kafka.application.id, with "
              + MissingAccess.toTransactions("ID").remedy();
      case ClusterAuthorizationException cluster ->
          "this user may not create topics; create them and set topics.create: false, or allow it"
              + " with "
              + MissingAccess.toCreate().remedy();
      default -> null;
    };
  }

  /**
   * The path's own exceptions are wrapped in those of the certificate, and those of time in both.
   */
  private static String handshake(SslAuthenticationException handshake) {
    if (isAmongCauses(CertificateExpiredException.class, handshake)) {
      return "a broker's certificate has expired; renew it (%s)".formatted(reason(handshake));
    }
    if (isAmongCauses(CertificateNotYetValidException.class, handshake)) {
      return "a broker's certificate is not valid yet; look at the clocks (%s)"
          .formatted(reason(handshake));
    }
    if (isAmongCauses(CertPathBuilderException.class, handshake)
        || isAmongCauses(CertPathValidatorException.class, handshake)) {
      return "a broker's certificate is none that is trusted; name its authority in"
          + " kafka.ssl.truststore.location (%s)".formatted(reason(handshake));
    }
    if (isAmongCauses(CertificateException.class, handshake)) {
      return "a broker's certificate is not for its address; have it name the address that"
          + " kafka.bootstrap.servers and the broker's listeners have (%s)"
              .formatted(reason(handshake));
    }
    return "no TLS connection to a broker comes about; look at kafka.ssl.keystore.*, whether the"
        + " brokers want a certificate of this client, and at the protocols and ciphers of both"
        + " (%s)".formatted(reason(handshake));
  }

  private static boolean isAmongCauses(Class<? extends Throwable> type, Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static String reason(Throwable failure) {
    var root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
