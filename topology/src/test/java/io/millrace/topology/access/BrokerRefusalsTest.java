package io.millrace.topology.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Set;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What brokers answer themselves, {@code SecurityIT} asks of real ones. */
class BrokerRefusalsTest {

  static Arguments[] refusals() {
    return new Arguments[] {
      refusal(new TopicAuthorizationException(Set.of("millrace.tokens")), "millrace.tokens"),
      refusal(GroupAuthorizationException.forGroupId("millrace"), "--group millrace"),
      refusal(new TransactionalIdAuthorizationException("no"), "--transactional-id"),
      refusal(new UnsupportedSaslMechanismException("PLAIN"), "kafka.sasl.mechanism"),
      refusal(handshake(new CertificateNotYetValidException("x")), "look at the clocks"),
      refusal(handshake(new CertificateException("no name")), "is not for its address"),
      refusal(handshake(new IllegalStateException("no cipher")), "kafka.ssl.keystore.*"),
    };
  }

  private static Arguments refusal(Exception exception, String mend) {
    return Arguments.of(exception, mend);
  }

  private static SslAuthenticationException handshake(Exception reason) {
    return new SslAuthenticationException("failed", reason);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void theMendIsNamed(Exception exception, String mend) {
    assertThat(BrokerRefusals.explain(new StreamsException("x", exception)))
        .hasValueSatisfying(sentence -> assertThat(sentence).contains(mend));
  }

  @Test
  void theTimeOfACertificateIsToldBeforeItsPath() {
    var early = new CertificateNotYetValidException("NotBefore: later");
    assertThat(BrokerRefusals.explain(handshake(new CertPathValidatorException(early))))
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("NotBefore: later"));
  }

  @Test
  void otherFailuresAreNoRefusals() {
    assertThat(BrokerRefusals.explain(new StreamsException("x"))).isEmpty();
    assertThat(BrokerRefusals.explain(null)).isEmpty();
  }
}
