package io.millrace.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryConfigTest {

  @Test
  void theDefaultsAreThese() {
    var config = RegistryConfig.of(Map.of("schema.registry.url", "https://registry:8081/"));
    assertThat(config.urls()).containsExactly(URI.create("https://registry:8081"));
    assertThat(config.authorization()).isEmpty();
    assertThat(config.tls()).isEmpty();
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.requestTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.maxRetries()).isEqualTo(3);
    assertThat(config.retryWait()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.retryWaitMax()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.missingIdTtl()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.latestTtl()).isEmpty();
    assertThat(config.normalizeSchemas()).isFalse();
  }

  @Test
  void addressesMayBeAListOrSeparatedByCommas() {
    var expected = List.of(URI.create("http://a:1"), URI.create("http://b:2"));
    assertThat(RegistryConfig.of(Map.of("schema.registry.url", "http://a:1, http://b:2")).urls())
        .isEqualTo(expected);
    assertThat(
            RegistryConfig.of(Map.of("schema.registry.url", List.of("http://a:1", "http://b:2")))
                .urls())
        .isEqualTo(expected);
  }

  @Test
  void secretsAreNotPrinted() {
    var inUrl = RegistryConfig.of(Map.of("schema.registry.url", "http://me:s3cret@registry:8081"));
    var inStores =
        RegistryConfig.of(
            Map.of(
                "schema.registry.url",
                "https://registry",
                "schema.registry.ssl.truststore.password",
                "s3cret"));
    assertThat(inUrl.toString()).isEqualTo("Schema Registry at http://registry:8081");
    assertThat(inUrl.authorization().toString()).doesNotContain("s3cret");
    assertThat(inStores.toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schema.registry.url | '' | Set schema.registry.url",
        "schema.registry.url | registry:8081 | http://",
        "schema.registry.url | ftp://registry | http://",
        "max.retries | many | max.retries is a whole number",
        "basic.auth.credentials.source | USER | is URL, USER_INFO or SASL_INHERIT",
        "basic.auth.credentials.source | USER_INFO | Set basic.auth.user.info",
        "basic.auth.credentials.source | SASL_INHERIT | Set sasl.jaas.config",
        "bearer.auth.credentials.source | STATIC_TOKEN | Set bearer.auth.token"
      })
  void aWrongValueIsRefusedWithItsKey(String key, String value, String message) {
    Map<String, Object> config = new HashMap<>(Map.of("schema.registry.url", "http://registry"));
    config.put(key, value);
    assertThatThrownBy(() -> RegistryConfig.of(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anUnreadableAddressIsNotQuotedBecauseItMayHoldAPassword() {
    assertThatThrownBy(
            () -> RegistryConfig.of(Map.of("schema.registry.url", "http://me:secret word@host")))
        .isInstanceOf(ConfigException.class)
        .hasMessageNotContaining("secret");
  }
}
