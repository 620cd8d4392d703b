package io.millrace.schemas.serde;

import io.millrace.schemas.GeneratedClasses;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.registry.SharedRegistries;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A serializer's or deserializer's configuration and its share of the registry client. */
record OpenRegistry(AvroSerdeConfig config, SchemaRegistry schemas) implements AutoCloseable {

  static OpenRegistry open(Map<String, ?> configs, boolean isKey) {
    GeneratedClasses.trust();
    var config = AvroSerdeConfig.of(configs, isKey);
    return new OpenRegistry(config, SharedRegistries.acquire(config.registry()));
  }

  static OpenRegistry required(@Nullable OpenRegistry registry) {
    if (registry == null) {
      throw new IllegalStateException("Not configured, or closed already.");
    }
    return registry;
  }

  @Override
  public void close() {
    SharedRegistries.release(config.registry());
  }
}
