package io.millrace.topology.format;

import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.UndecodableRecordException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** What an exception of a deserializer means for the record. */
public sealed interface ReadFailure {

  /** The record can be read later, when the Schema Registry answers or has been put right. */
  record NotNow() implements ReadFailure {}

  /**
   * The record will never be readable.
   *
   * @param code stable and lower case
   * @param message for people; holds no prompt text
   * @param requestId where it could be made out
   */
  record Never(String code, String message, @Nullable String requestId) implements ReadFailure {}

  /** Confluent's serdes wrap what the network threw, ours say what they mean. */
  static ReadFailure of(RuntimeException exception) {
    for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case RegistryFailureException failure -> {
          return new NotNow();
        }
        case UndecodableRecordException undecodable -> {
          return never(undecodable);
        }
        case RetriableException retriable -> {
          return new NotNow();
        }
        case SocketException unreachable -> {
          return new NotNow();
        }
        case SocketTimeoutException unreachable -> {
          return new NotNow();
        }
        case UnknownHostException unreachable -> {
          return new NotNow();
        }
        case HttpTimeoutException unreachable -> {
          return new NotNow();
        }
        default -> {}
      }
    }
    // A message of unknown making may quote the prompt.
    return new Never(
        "undecodable", "the value cannot be read: " + exception.getClass().getSimpleName(), null);
  }

  private static Never never(UndecodableRecordException exception) {
    var code =
        switch (exception.reason()) {
          case EMPTY -> "no_value";
          case NO_SCHEMA_ID, UNKNOWN_SCHEMA_ID, UNRESOLVABLE_SCHEMA, MALFORMED -> "undecodable";
          case INVALID_FIELD -> "invalid_parameter";
          case UNSUPPORTED -> "unsupported_parameter";
        };
    return new Never(
        code, String.valueOf(exception.getMessage()), exception.requestId().orElse(null));
  }
}
