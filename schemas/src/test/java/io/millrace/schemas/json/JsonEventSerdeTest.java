package io.millrace.schemas.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import io.millrace.schemas.ValueFormat;
import io.millrace.schemas.serde.ArbitraryEvents;
import io.millrace.schemas.serde.Events;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class JsonEventSerdeTest {

  private static final Serde<Prompt> PROMPTS = new JsonEventSerde<>(Prompt.class);
  private static final Serde<Token> TOKENS = new JsonEventSerde<>(Token.class);
  private static final Serde<Completion> COMPLETIONS = new JsonEventSerde<>(Completion.class);
  private static final Serde<ErrorEvent> ERRORS = new JsonEventSerde<>(ErrorEvent.class);

  @Test
  void fieldsHaveTheirNamesAndNullsAreLeftOut() {
    assertThat(text(COMPLETIONS.serializer().serialize("t", Events.completion())))
        .isEqualTo(
            "{\"request_id\":\"r-1\",\"status\":\"completed\",\"text\":\"On its way.\","
                + "\"attempt\":1,\"prompt_tokens\":0,\"completion_tokens\":0,\"metadata\":{}}");
  }

  @Test
  void bytesAreBase64AndMomentsMilliseconds() {
    var error =
        ErrorEvent.newBuilder()
            .setStage(Stage.DECODE)
            .setCode("undecodable")
            .setMessage("m")
            .setTimestamp(Instant.ofEpochMilli(1_790_000_000_123L))
            .setOriginalValue(ByteBuffer.wrap(new byte[] {-1, 0, 1}))
            .build();
    assertThat(text(ERRORS.serializer().serialize("t", error)))
        .contains("\"timestamp\":1790000000123", "\"original_value\":\"/wAB\"");
  }

  @Test
  void enumsAreReadInAnyCaseAndUnknownFieldsIgnored() {
    var read =
        COMPLETIONS
            .deserializer()
            .deserialize(
                "t",
                bytes(
                    """
                    {"request_id": "r", "status": "Expired", "text": "", "attempt": 0, "new": [1]}
                    """));
    assertThat(read)
        .isEqualTo(
            Completion.newBuilder()
                .setRequestId("r")
                .setStatus(Status.EXPIRED)
                .setText("")
                .setAttempt(0)
                .build());
  }

  @Test
  void aMissingFieldIsNamed() {
    assertThatThrownBy(
            () -> TOKENS.deserializer().deserialize("t", bytes("{\"request_id\":\"r\"}")))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.INVALID_FIELD))
        .hasMessageContaining("attempt is missing");
  }

  @Test
  void aRecordWithoutARequiredFieldIsNotWritten() {
    assertThatThrownBy(() -> TOKENS.serializer().serialize("t", new Token()))
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void nullStaysNull() {
    assertThat(TOKENS.serializer().serialize("t", null)).isNull();
    assertThat(TOKENS.deserializer().deserialize("t", null)).isNull();
  }

  @Property
  void everyPromptComesBack(@ForAll("prompts") Prompt prompt) {
    var bytes = PROMPTS.serializer().serialize("t", prompt);
    assertThat(PROMPTS.deserializer().deserialize("t", bytes)).isEqualTo(prompt);
  }

  @Property
  void everyTokenComesBack(@ForAll("tokens") Token token) {
    var bytes = TOKENS.serializer().serialize("t", token);
    assertThat(TOKENS.deserializer().deserialize("t", bytes)).isEqualTo(token);
  }

  @Property
  void everyErrorComesBack(@ForAll("errors") ErrorEvent error) {
    var bytes = ERRORS.serializer().serialize("t", error);
    assertThat(ERRORS.deserializer().deserialize("t", bytes)).isEqualTo(error);
  }

  @Property(tries = 5_000)
  void anyBytesAreAPromptOrUndecodable(@ForAll byte[] bytes) {
    try (var deserializer = new PromptJsonDeserializer()) {
      assertThat(deserializer.deserialize("t", bytes)).isNotNull();
    } catch (UndecodableRecordException undecodable) {
      assertThat(undecodable.getMessage()).isNotBlank();
    }
  }

  @Test
  void theValueFormatIsReadInAnyCaseAndGivesBothFormats() {
    var config = Events.mockRegistry();
    for (var name : new String[] {"avro", "JSON"}) {
      try (var prompts = ValueFormat.of(name).prompts(config);
          var tokens = ValueFormat.of(name).values(Token.class, config)) {
        var prompt = prompts.serializer().serialize("p", Events.prompt());
        assertThat(prompts.deserializer().deserialize("p", prompt)).isEqualTo(Events.prompt());
        var token = new Token("r", 1, 0, "x", 7, -0.5f, null);
        assertThat(
                tokens.deserializer().deserialize("t", tokens.serializer().serialize("t", token)))
            .isEqualTo(token);
      }
    }
    assertThatThrownBy(() -> ValueFormat.of("xml")).isInstanceOf(ConfigException.class);
    assertThatThrownBy(
            () ->
                ValueFormat.AVRO.prompts(
                    Map.of("schema.registry.url", "mock://x", "avro.serde.class", "no.Such")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no.Such");
  }

  @Provide
  static Arbitrary<Prompt> prompts() {
    return ArbitraryEvents.prompts();
  }

  @Provide
  static Arbitrary<Token> tokens() {
    return ArbitraryEvents.tokens();
  }

  @Provide
  static Arbitrary<ErrorEvent> errors() {
    return ArbitraryEvents.errors();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
