package io.millrace.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.RegistryFailureException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The serdes with a real registry server in a process of its own. */
class ApicurioRegistryIT extends RegistryContract {

  private static @Nullable ApicurioRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    registry = ApicurioRegistry.start();
  }

  @AfterAll
  static void stop() {
    requireNonNull(registry).close();
  }

  @Override
  String url() {
    return requireNonNull(registry).url();
  }

  @Test
  void aRegistryThatIsDownIsNotTheRecordsFaultAndWhenItComesBackAllGoesOn() throws Exception {
    var running = requireNonNull(registry);
    var bytes = prompts(Map.of()).serializer().serialize(topic(), prompt());
    // Another configuration, so that nothing is remembered.
    var fresh = prompts(Map.of("max.retries", 2));
    running.close();

    assertThatThrownBy(() -> fresh.deserializer().deserialize(topic(), bytes))
        .isInstanceOfSatisfying(
            RegistryFailureException.class, failure -> assertThat(failure.isTransient()).isTrue())
        .hasMessageContaining("unavailable after 3 tries");
    assertThatThrownBy(() -> fresh.serializer().serialize(topic(), prompt()))
        .isInstanceOf(RegistryFailureException.class);
    // What is known is known: records go on through an outage.
    assertThat(prompts(Map.of()).serializer().serialize(topic(), prompt())).isEqualTo(bytes);

    registry = ApicurioRegistry.start(running.port());
    var written = fresh.serializer().serialize(topic(), prompt());
    assertThat(fresh.deserializer().deserialize(topic(), written)).isEqualTo(prompt());
  }
}
