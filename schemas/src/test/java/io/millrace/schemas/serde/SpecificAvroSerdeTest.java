package io.millrace.schemas.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Token;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class SpecificAvroSerdeTest {

  private static final String TOPIC = "millrace.prompts";

  private final Map<String, Object> config = Events.mockRegistry();
  private final Serde<Prompt> serde = serde(Prompt.class);

  @Test
  void aRecordComesBackAsItWas() {
    assertThat(roundTrip(Events.prompt())).isEqualTo(Events.prompt());
  }

  @Test
  void nullStaysNull() {
    assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
    assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
  }

  @Test
  void theBytesAreAZeroTheSchemaIdAndTheRecord() {
    var bytes = serde.serializer().serialize(TOPIC, Events.prompt());
    // The first schema of an empty registry gets the id 1; "r-1" has three characters.
    assertThat(bytes).startsWith(0, 0, 0, 0, 1, 6, 'r', '-', '1');
  }

  @Test
  void madeByClassNameItFindsTheRecordsClass() throws Exception {
    Serde<SpecificRecord> byName = newByName(SpecificAvroSerde.class.getName());
    byName.configure(config, false);
    var bytes = byName.serializer().serialize(TOPIC, Events.completion());
    assertThat(byName.deserializer().deserialize(TOPIC, bytes)).isEqualTo(Events.completion());
  }

  @Test
  void genericReadersReadWhatSpecificWritersWrote() {
    var generic = new GenericAvroSerde();
    generic.configure(config, false);
    GenericRecord read =
        generic
            .deserializer()
            .deserialize(TOPIC, serde.serializer().serialize(TOPIC, Events.prompt()));
    assertThat(read.get("request_id")).hasToString("r-1");
    var back = generic.serializer().serialize(TOPIC, read);
    assertThat(serde.deserializer().deserialize(TOPIC, back)).isEqualTo(Events.prompt());
  }

  @Test
  void aRecordOfAnotherKindIsUndecodable() {
    var bytes = serde(Completion.class).serializer().serialize("other", Events.completion());
    assertUndecodable(bytes, Reason.UNRESOLVABLE_SCHEMA);
  }

  @Test
  void bytesWithoutTheMagicByteAreUndecodable() {
    assertUndecodable("{}".getBytes(UTF_8), Reason.NO_SCHEMA_ID);
    assertUndecodable(new byte[] {0, 0, 0}, Reason.NO_SCHEMA_ID);
    assertUndecodable(new byte[0], Reason.EMPTY);
  }

  @Test
  void everyTruncationIsUndecodable() {
    var bytes = serde.serializer().serialize(TOPIC, Events.prompt());
    for (int length = 5; length < bytes.length; length++) {
      assertUndecodable(Arrays.copyOf(bytes, length), Reason.MALFORMED);
    }
  }

  @Test
  void bytesAfterTheRecordMakeItUndecodable() {
    var bytes = serde.serializer().serialize(TOPIC, Events.prompt());
    assertUndecodable(Arrays.copyOf(bytes, bytes.length + 1), Reason.MALFORMED);
  }

  @Test
  void anUnknownSchemaIdIsUndecodable() {
    assertUndecodable(new byte[] {0, 0, 0, 0, 99, 2}, Reason.UNKNOWN_SCHEMA_ID);
    assertUndecodable(new byte[] {0, -1, 0, 0, 99, 2}, Reason.UNKNOWN_SCHEMA_ID);
  }

  @Test
  void aRecordWithoutARequiredFieldIsNotWritten() {
    assertThatThrownBy(() -> serde(Token.class).serializer().serialize("tokens", new Token()))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("io.millrace.events.Token");
    // The thread's buffer is as good as before.
    assertThat(roundTrip(Events.prompt())).isEqualTo(Events.prompt());
  }

  private Prompt roundTrip(Prompt prompt) {
    return serde.deserializer().deserialize(TOPIC, serde.serializer().serialize(TOPIC, prompt));
  }

  private <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    var made = new SpecificAvroSerde<>(type);
    made.configure(new HashMap<>(config), false);
    return made;
  }

  @SuppressWarnings("unchecked")
  private static Serde<SpecificRecord> newByName(String name) throws ClassNotFoundException {
    return (Serde<SpecificRecord>) Utils.newInstance(name, Serde.class);
  }

  private void assertUndecodable(byte[] bytes, Reason reason) {
    assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            failure -> assertThat(failure.reason()).isEqualTo(reason));
  }
}
