package io.millrace.schemas.registry;

import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/** Reads trust and key stores (JKS, PKCS12, PEM) the way Kafka's own clients do. */
final class RegistryTls {

  private static final ConfigDef KEYS = new ConfigDef().withClientSslSupport();

  private RegistryTls() {}

  static SSLContext context(Map<String, Object> tls) {
    var verification = tls.get(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
    if (verification != null && !"https".equalsIgnoreCase(verification.toString())) {
      throw new ConfigException(
          "schema.registry.ssl.endpoint.identification.algorithm can only be https: the registry's"
              + " host name is always verified.");
    }
    try (var factory = new DefaultSslEngineFactory()) {
      factory.configure(KEYS.parse(tls));
      return factory.sslContext();
    } catch (KafkaException unreadable) {
      throw new ConfigException(
          "The schema.registry.ssl.* settings cannot be used: " + unreadable.getMessage());
    }
  }
}
