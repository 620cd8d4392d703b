package io.millrace.topology.format;

import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.UndecodableRecordException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
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

  /**
   * Ours say what they mean. Confluent's wrap what the network threw or what the registry answered;
   * an answer of 401, 403 or 429 becomes an InvalidConfigurationException.
   */
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
        case InvalidConfigurationException refused -> {
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
        default -> {
          if (isConfluentsRegistryFailure(cause)) {
            return new NotNow();
          }
        }
      }
    }
    // A message of unknown making may quote the prompt.
    return new Never(
        "undecodable", "the value cannot be read: " + exception.getClass().getSimpleName(), null);
  }

  /**
   * Confluent's classes may not be there, so theirs is known by its name. Of its codes only 40403,
   * an id that the registry does not know, is the record's fault.
   */
  private static boolean isConfluentsRegistryFailure(Throwable cause) {
    if (!cause.getClass().getSimpleName().equals("RestClientException")) {
      return false;
    }
    try {
      var code = cause.getClass().getMethod("getErrorCode").invoke(cause);
      return !Integer.valueOf(40403).equals(code);
    } catch (ReflectiveOperationException another) {
      return false;
    }
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
