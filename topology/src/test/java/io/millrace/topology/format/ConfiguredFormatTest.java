package io.millrace.topology.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.registry.RegistryConfig;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfiguredFormatTest {

  private static final Map<String, Object> PROPERTIES =
      Map.of("schema.registry.url", "http://registry:8081");

  @Test
  void readingARecordAsksTheRegistryOnceAndNotForLong() {
    var registry = RegistryConfig.of(ConfiguredFormat.inputProperties(PROPERTIES));
    assertThat(registry.maxRetries()).isZero();
    assertThat(registry.connectTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(registry.requestTimeout()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void whatTheUserSaysOfTheRegistryHolds() {
    var plain =
        Map.<String, Object>of("schema.registry.url", "http://registry:8081", "max.retries", "2");
    assertThat(RegistryConfig.of(ConfiguredFormat.inputProperties(plain)).maxRetries())
        .isEqualTo(2);
    var prefixed =
        Map.<String, Object>of(
            "schema.registry.url",
            "http://registry:8081",
            "schema.registry.http.read.timeout.ms",
            "3000");
    assertThat(RegistryConfig.of(ConfiguredFormat.inputProperties(prefixed)).requestTimeout())
        .isEqualTo(Duration.ofSeconds(3));
  }
}
