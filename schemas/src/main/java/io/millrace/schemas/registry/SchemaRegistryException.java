package io.millrace.schemas.registry;

import org.jspecify.annotations.Nullable;

/**
 * A call to the Schema Registry failed; the subclass says how, the message says what to do.
 *
 * <p>Messages name subjects, ids and addresses; never credentials.
 */
public abstract sealed class SchemaRegistryException extends RuntimeException {

  private SchemaRegistryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Whether the same call may succeed later although nobody changes anything. */
  public boolean isTransient() {
    return false;
  }

  /** No address gave a usable answer within the bounded number of tries. */
  public static final class Unavailable extends SchemaRegistryException {
    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }

    @Override
    public boolean isTransient() {
      return true;
    }
  }

  /** The registry wants other credentials, or these may not do this (401, 403). */
  public static final class Unauthorized extends SchemaRegistryException {
    public Unauthorized(String message) {
      super(message, null);
    }
  }

  /** Nothing is registered under the subject (40401). */
  public static final class SubjectNotFound extends SchemaRegistryException {
    public SubjectNotFound(String message) {
      super(message, null);
    }
  }

  /** The subject has no such version (40402). */
  public static final class VersionNotFound extends SchemaRegistryException {
    public VersionNotFound(String message) {
      super(message, null);
    }
  }

  /** The id is unknown, or the subject does not hold the schema (40403). */
  public static final class SchemaNotFound extends SchemaRegistryException {
    public SchemaNotFound(String message) {
      super(message, null);
    }
  }

  /** The subject's compatibility rule refuses the schema (409). */
  public static final class Incompatible extends SchemaRegistryException {
    public Incompatible(String message) {
      super(message, null);
    }
  }

  /** The registry takes this for no valid schema (42201), or hands out one that is not Avro. */
  public static final class InvalidSchema extends SchemaRegistryException {
    public InvalidSchema(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Any other answer: the address may belong to something that is not a Schema Registry. */
  public static final class UnexpectedAnswer extends SchemaRegistryException {
    public UnexpectedAnswer(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
