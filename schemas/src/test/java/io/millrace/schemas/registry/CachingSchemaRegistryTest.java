package io.millrace.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.Unavailable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;

class CachingSchemaRegistryTest {

  private static final Schema SCHEMA =
      SchemaBuilder.record("R").fields().requiredString("a").endRecord();

  /** Counts the calls that reach it, and fails them when told to. */
  private static final class CountingRegistry implements SchemaRegistry {
    final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    int calls;
    boolean isDown;

    @Override
    public int register(String subject, Schema schema) {
      return counted().register(subject, schema);
    }

    @Override
    public int lookUp(String subject, Schema schema) {
      return counted().lookUp(subject, schema);
    }

    @Override
    public Schema schemaById(int id) {
      return counted().schemaById(id);
    }

    @Override
    public RegisteredSchema latest(String subject) {
      return counted().latest(subject);
    }

    @Override
    public void close() {}

    private InMemorySchemaRegistry counted() {
      calls++;
      if (isDown) {
        throw new Unavailable("down", null);
      }
      return registry;
    }
  }

  private final CountingRegistry server = new CountingRegistry();
  private long nowNanos = 12_345;

  @Test
  void asksOnceForWhatNeverChanges() {
    var registry = caching(Map.of());
    for (int i = 0; i < 3; i++) {
      assertThat(registry.register("s", SCHEMA)).isEqualTo(1);
      assertThat(registry.lookUp("s", SCHEMA)).isEqualTo(1);
      assertThat(registry.schemaById(1)).isEqualTo(SCHEMA);
    }
    assertThat(server.calls).isEqualTo(3);
  }

  @Test
  void anUnknownIdIsAskedForOnceInAWhileAndFoundWhenItIsRegisteredLater() {
    var registry = caching(Map.of("missing.id.cache.ttl.sec", 5));
    for (int i = 0; i < 10_000; i++) {
      assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(SchemaNotFound.class);
    }
    assertThat(server.calls).isEqualTo(1);

    server.registry.register("s", SCHEMA);
    pass(Duration.ofSeconds(4));
    assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(SchemaNotFound.class);
    pass(Duration.ofSeconds(1));
    assertThat(registry.schemaById(1)).isEqualTo(SCHEMA);
  }

  @Test
  void anIdIsKnownAsSoonAsItIsRegisteredHere() {
    var registry = caching(Map.of());
    assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(SchemaNotFound.class);
    registry.register("s", SCHEMA);
    assertThat(registry.schemaById(1)).isEqualTo(SCHEMA);
  }

  @Test
  void failuresAreNotRemembered() {
    var registry = caching(Map.of());
    server.registry.register("s", SCHEMA);
    server.isDown = true;
    assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(Unavailable.class);
    server.isDown = false;
    assertThat(registry.schemaById(1)).isEqualTo(SCHEMA);
  }

  @Test
  void whatIsKnownOutlivesTheRegistry() {
    var registry = caching(Map.of());
    registry.register("s", SCHEMA);
    registry.schemaById(1);
    registry.latest("s");
    server.isDown = true;
    assertThat(registry.register("s", SCHEMA)).isEqualTo(1);
    assertThat(registry.schemaById(1)).isEqualTo(SCHEMA);
    assertThat(registry.latest("s").id()).isEqualTo(1);
  }

  @Test
  void theLatestVersionIsReadAgainAfterItsTime() {
    var registry = caching(Map.of("latest.cache.ttl.sec", 60));
    registry.register("s", SCHEMA);
    assertThat(registry.latest("s").version()).isEqualTo(1);
    server.registry.register("s", SchemaBuilder.record("R").fields().endRecord());
    pass(Duration.ofSeconds(59));
    assertThat(registry.latest("s").version()).isEqualTo(1);
    pass(Duration.ofSeconds(1));
    assertThat(registry.latest("s").version()).isEqualTo(2);
  }

  @Test
  void theLatestVersionThatIsKnownOutlivesTheRegistryToo() {
    var registry = caching(Map.of("latest.cache.ttl.sec", 60));
    registry.register("s", SCHEMA);
    registry.latest("s");
    pass(Duration.ofSeconds(61));
    server.isDown = true;
    int calls = server.calls;
    assertThat(registry.latest("s").version()).isEqualTo(1);
    assertThat(registry.latest("s").version()).isEqualTo(1);
    assertThat(server.calls - calls).isEqualTo(1);
  }

  private void pass(Duration duration) {
    nowNanos += duration.toNanos();
  }

  private CachingSchemaRegistry caching(Map<String, Object> settings) {
    Map<String, Object> config = new HashMap<>(Map.of("schema.registry.url", "http://registry"));
    config.putAll(settings);
    return new CachingSchemaRegistry(server, RegistryConfig.of(config), () -> nowNanos);
  }
}
