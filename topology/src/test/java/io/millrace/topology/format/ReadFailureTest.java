package io.millrace.topology.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import io.millrace.schemas.registry.SchemaRegistryException;
import java.io.EOFException;
import java.net.ConnectException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class ReadFailureTest {

  @Test
  void aRegistryFailureIsNotTheRecordsFault() {
    var down = new SchemaRegistryException.Unavailable("down", null);
    assertThat(ReadFailure.of(new RegistryFailureException("no schema", down)))
        .isEqualTo(new ReadFailure.NotNow());
    var refused = new SchemaRegistryException.Unauthorized("who are you?");
    assertThat(ReadFailure.of(new RegistryFailureException("no schema", refused)))
        .isEqualTo(new ReadFailure.NotNow());
  }

  @Test
  void norIsANetworkFailureThatConfluentsSerdeWraps() {
    assertThat(
            ReadFailure.of(
                new SerializationException("no schema", new ConnectException("refused"))))
        .isEqualTo(new ReadFailure.NotNow());
  }

  /** Stands for Confluent's class of this name, which is not on the class path. */
  static final class RestClientException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int errorCode;

    RestClientException(int errorCode) {
      this.errorCode = errorCode;
    }

    public int getErrorCode() {
      return errorCode;
    }
  }

  @Test
  void norIsWhatARegistryAnsweredConfluentsSerde() {
    assertThat(ReadFailure.of(new InvalidConfigurationException("who are you?")))
        .isEqualTo(new ReadFailure.NotNow());
    assertThat(
            ReadFailure.of(new SerializationException("no schema", new RestClientException(50001))))
        .isEqualTo(new ReadFailure.NotNow());
    assertThat(
            ReadFailure.of(new SerializationException("no schema", new RestClientException(40403))))
        .isInstanceOf(ReadFailure.Never.class);
  }

  @Test
  void brokenBytesAreAndTheirMessageIsNotRepeated() {
    assertThat(
            ReadFailure.of(new SerializationException("near: my card", new EOFException("card"))))
        .isEqualTo(
            new ReadFailure.Never(
                "undecodable", "the value cannot be read: SerializationException", null));
  }

  @Test
  void whatOurSerdesSayIsPassedOn() {
    var failure = new UndecodableRecordException(Reason.UNSUPPORTED, "n has to be 1.", "a", null);
    assertThat(ReadFailure.of(failure))
        .isEqualTo(new ReadFailure.Never("unsupported_parameter", "n has to be 1.", "a"));
    assertThat(ReadFailure.of(new UndecodableRecordException(Reason.EMPTY, "Empty.")))
        .isEqualTo(new ReadFailure.Never("no_value", "Empty.", null));
  }
}
