package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExampleConfigurationTest {

  private static final Path EXAMPLE =
      Path.of(System.getProperty("basedir", "deploy"), "examples", "millrace.yaml");

  @Test
  void the_example_is_taken_as_it_is() {
    var configuration = MillraceConfiguration.load(EXAMPLE, Map.of());

    assertThat(configuration.kafka()).containsEntry("bootstrap.servers", "localhost:9092");
    assertThat(configuration.schemaRegistry()).containsEntry("url", "http://localhost:8081");
    assertThat(configuration.topics().promptsTopic()).isEqualTo("millrace.prompts");
    assertThat(configuration.engine().slots()).isEqualTo(16);
    assertThat(configuration.prices()).containsOnlyKeys("support");
  }

  @Test
  void the_environment_has_the_last_word() {
    var configuration =
        MillraceConfiguration.load(
            EXAMPLE,
            Map.of("MILLRACE_ENGINE_SLOTS", "4", "MILLRACE_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092"));

    assertThat(configuration.engine().slots()).isEqualTo(4);
    assertThat(configuration.kafka()).containsEntry("bootstrap.servers", "kafka:9092");
  }
}
