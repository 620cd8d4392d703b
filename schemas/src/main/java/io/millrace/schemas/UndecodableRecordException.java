package io.millrace.schemas;

import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * The record itself is at fault: reading it again gives the same result, so its place is with the
 * dead letters.
 *
 * <p>The message is for people and holds none of the record's text.
 */
public final class UndecodableRecordException extends SerializationException {

  /** What is wrong with the record. */
  public enum Reason {
    /** The record has a null or an empty value. */
    EMPTY,
    /** It does not begin with the wire format's magic byte and schema id. */
    NO_SCHEMA_ID,
    /** The registry does not know its schema id. */
    UNKNOWN_SCHEMA_ID,
    /** Its schema cannot be read as the schema that is wanted. */
    UNRESOLVABLE_SCHEMA,
    /** It ends too early, goes on after its end, or does not follow its schema. */
    MALFORMED,
    /** A field is missing or of another type than it should be. */
    INVALID_FIELD,
    /** It asks for something that is known but not offered. */
    UNSUPPORTED
  }

  private final Reason reason;
  private final @Nullable String requestId;

  public UndecodableRecordException(Reason reason, String message) {
    this(reason, message, null, null);
  }

  public UndecodableRecordException(Reason reason, String message, Throwable cause) {
    this(reason, message, null, cause);
  }

  /**
   * @param requestId the prompt's request id where it could be made out
   */
  public UndecodableRecordException(
      Reason reason, String message, @Nullable String requestId, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.requestId = requestId;
  }

  public Reason reason() {
    return reason;
  }

  /** The prompt's request id, where it could be made out all the same. */
  public Optional<String> requestId() {
    return Optional.ofNullable(requestId);
  }
}
