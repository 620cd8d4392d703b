package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MistypedVariablesTest {

  @Test
  void the_nearest_key_is_named() {
    assertThat(MistypedVariables.in(List.of("MILLRACE_ENGINE_SLOT")))
        .containsExactly(
            "MILLRACE_ENGINE_SLOT overrides nothing; did you mean MILLRACE_ENGINE_SLOTS?");
  }

  @Test
  void overrides_and_variables_of_others_are_left_alone() {
    assertThat(
            MistypedVariables.in(
                List.of(
                    "MILLRACE_ENGINE_SLOTS",
                    "MILLRACE_KAFKA_BOOTSTRAP_SERVERS",
                    "MILLRACE_SCHEMA_REGISTRY_URL",
                    "MILLRACE_PRICES",
                    "MILLRACE_LOG",
                    "MILLRACE_JAVA_HOME",
                    "MILLRACE_JAVA_OPTS",
                    "MILLRACE_PORT",
                    "MILLRACE_PORT_8080_TCP_ADDR",
                    "MILLRACE_SERVICE_HOST",
                    "MILLRACE_METRICS_SERVICE_PORT",
                    "HOME")))
        .isEmpty();
  }
}
