package io.millrace.schemas;

import io.millrace.schemas.registry.SchemaRegistryException;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The registry stood between the record and its bytes; the record is not at fault and must not go
 * to the dead letters.
 *
 * <p>Where {@link #isTransient()}, the same call may succeed later. Otherwise somebody has to
 * change the registry or the configuration first; {@link #failure()} says what.
 */
public final class RegistryFailureException extends SerializationException {

  private final SchemaRegistryException failure;

  public RegistryFailureException(String message, SchemaRegistryException failure) {
    super(message + " " + failure.getMessage(), failure);
    this.failure = failure;
  }

  public SchemaRegistryException failure() {
    return failure;
  }

  public boolean isTransient() {
    return failure.isTransient();
  }
}
