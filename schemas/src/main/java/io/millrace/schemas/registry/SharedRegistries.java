package io.millrace.schemas.registry;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Gives serdes with equal configurations the same client: Kafka Streams makes a serde for every
 * task, and each would otherwise have its own connections and ask everything anew.
 *
 * <p>{@code mock://NAME} addresses give a registry in this process, one for each name, as
 * Confluent's do.
 */
public final class SharedRegistries {

  private static final Map<RegistryConfig, Shared> OPEN = new HashMap<>();
  private static final ConcurrentMap<String, InMemorySchemaRegistry> MOCKS =
      new ConcurrentHashMap<>();

  private SharedRegistries() {}

  private static final class Shared {
    final SchemaRegistry registry;
    int users;

    Shared(SchemaRegistry registry) {
      this.registry = registry;
    }
  }

  /** Opens a registry or hands out the one that is open; each is to be {@link #release}d once. */
  public static SchemaRegistry acquire(RegistryConfig config) {
    synchronized (OPEN) {
      var shared = OPEN.computeIfAbsent(config, absent -> new Shared(open(absent)));
      shared.users++;
      return shared.registry;
    }
  }

  /** Closes the registry after its last user. */
  public static void release(RegistryConfig config) {
    synchronized (OPEN) {
      var shared = OPEN.get(config);
      if (shared != null && --shared.users == 0) {
        OPEN.remove(config);
        shared.registry.close();
      }
    }
  }

  private static SchemaRegistry open(RegistryConfig config) {
    var url = config.urls().getFirst();
    var registry =
        "mock".equals(url.getScheme())
            ? MOCKS.computeIfAbsent(url.getAuthority(), name -> new InMemorySchemaRegistry())
            : new HttpSchemaRegistry(config);
    return new CachingSchemaRegistry(registry, config, System::nanoTime);
  }
}
