package io.millrace.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Task;
import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.serde.GenericAvroSerde;
import io.millrace.schemas.serde.SpecificAvroSerde;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/** What holds with every Schema Registry, shown with the registry of the subclass. */
abstract class RegistryContract {

  /** Each test has a subject of its own. */
  private final String topic = "prompts-" + UUID.randomUUID();

  abstract String url();

  @Test
  void anIndependentReaderReadsWhatWeWrite() throws Exception {
    var bytes = prompts(Map.of()).serializer().serialize(topic, prompt());
    var independent = new IndependentClient(url(), topic + "-value");
    assertThat(independent.read(bytes)).isEqualTo(AvroJson.of(prompt()));
  }

  @Test
  void weReadWhatAnIndependentWriterWrites() throws Exception {
    var independent = new IndependentClient(url(), topic + "-value");
    var bytes = independent.write(Prompt.getClassSchema().toString(), AvroJson.of(prompt()));
    assertThat(prompts(Map.of()).deserializer().deserialize(topic, bytes)).isEqualTo(prompt());
  }

  @Test
  void bothWriteTheSameBytes() throws Exception {
    var independent = new IndependentClient(url(), topic + "-value");
    assertThat(prompts(Map.of()).serializer().serialize(topic, prompt()))
        .isEqualTo(independent.write(Prompt.getClassSchema().toString(), AvroJson.of(prompt())));
  }

  @Test
  void recordsOfAnOlderSchemaAreReadWithDefaults() throws Exception {
    var older =
        SchemaBuilder.record("Prompt")
            .namespace("io.millrace.events")
            .fields()
            .requiredString("request_id")
            .requiredString("a_field_that_was_dropped")
            .endRecord();
    var independent = new IndependentClient(url(), topic + "-value");
    var bytes =
        independent.write(
            older.toString(), "{\"request_id\": \"old\", \"a_field_that_was_dropped\": \"x\"}");
    var read = prompts(Map.of()).deserializer().deserialize(topic, bytes);
    assertThat(read).isEqualTo(Prompt.newBuilder().setRequestId("old").build());
  }

  @Test
  void withoutAutomaticRegistrationASchemaHasToBeThere() throws Exception {
    var strict = prompts(Map.of("auto.register.schemas", false));
    assertThatThrownBy(() -> strict.serializer().serialize(topic, prompt()))
        .isInstanceOfSatisfying(
            RegistryFailureException.class,
            failure ->
                assertThat(failure.failure())
                    .isInstanceOfAny(SubjectNotFound.class, SchemaNotFound.class));

    var registered = prompts(Map.of()).serializer().serialize(topic, prompt());
    assertThat(strict.serializer().serialize(topic, prompt())).isEqualTo(registered);
  }

  @Test
  void recordsCanBeWrittenWithTheLatestSchema() throws Exception {
    var own = SchemaBuilder.record("Note").fields().requiredString("text").endRecord();
    var latest =
        SchemaBuilder.record("Note")
            .fields()
            .name("language")
            .type()
            .stringType()
            .stringDefault("en")
            .requiredString("text")
            .endRecord();
    var independent = new IndependentClient(url(), topic + "-value");
    independent.write(latest.toString(), "{\"language\": \"de\", \"text\": \"Hallo\"}");

    var bytes = note(own, Map.of("auto.register.schemas", false, "use.latest.version", true));
    assertThat(independent.read(bytes)).isEqualTo("{\"language\":\"en\",\"text\":\"Hi\"}");
  }

  @Test
  void subjectsMayBeNamedForRecords() throws Exception {
    var schema =
        SchemaBuilder.record("N" + UUID.randomUUID().toString().replace("-", ""))
            .namespace("io.millrace.test")
            .fields()
            .requiredString("text")
            .endRecord();
    var byRecord = Map.of("value.subject.name.strategy", "RecordNameStrategy");
    var bytes = note(schema, byRecord);
    // Confluent's client finds the same id under the record's name.
    var independent = new IndependentClient(url(), schema.getFullName());
    assertThat(independent.write(schema.toString(), "{\"text\": \"Hi\"}")).isEqualTo(bytes);
  }

  @Test
  void anUnknownIdIsTheRecordsFault() {
    var unknown = ByteBuffer.allocate(9).put((byte) 0).putInt(987_654_321).array();
    assertThatThrownBy(() -> prompts(Map.of()).deserializer().deserialize(topic, unknown))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA_ID));
  }

  @Test
  void tenThousandRandomByteStringsAreTenThousandUndecodableRecords() {
    var random = new Random(7);
    var deserializer = prompts(Map.of()).deserializer();
    for (int i = 0; i < 10_000; i++) {
      var bytes = new byte[1 + random.nextInt(200)];
      random.nextBytes(bytes);
      assertThatThrownBy(() -> deserializer.deserialize(topic, bytes))
          .isInstanceOf(UndecodableRecordException.class);
    }
    assertThat(
            deserializer.deserialize(
                topic, prompts(Map.of()).serializer().serialize(topic, prompt())))
        .isEqualTo(prompt());
  }

  /** Waits as short as it can: a registry that is down is down. */
  final Serde<Prompt> prompts(Map<String, ?> settings) {
    Map<String, Object> config = new HashMap<>(settings);
    config.put("schema.registry.url", url());
    config.put("retries.wait.ms", 1);
    var serde = new SpecificAvroSerde<>(Prompt.class);
    serde.configure(config, false);
    return serde;
  }

  final String topic() {
    return topic;
  }

  static Prompt prompt() {
    return Prompt.newBuilder()
        .setRequestId("r-1")
        .setTenant("acme")
        .setTask(Task.CHAT)
        .setMessages(List.of(new Message("user", "Où est ma commande? 📦", null)))
        .setSampling(Sampling.newBuilder().setTemperature(0.25).setSeed(Long.MIN_VALUE).build())
        .setDeadline(Instant.ofEpochMilli(1_790_000_000_123L))
        .setMetadata(Map.of("order", "10442"))
        .build();
  }

  private byte[] note(Schema schema, Map<String, ?> settings) {
    Map<String, Object> config = new HashMap<>(settings);
    config.put("schema.registry.url", url());
    try (var serde = new GenericAvroSerde()) {
      serde.configure(config, false);
      var note = new GenericRecordBuilder(schema).set("text", "Hi").build();
      return serde.serializer().serialize(topic, note);
    }
  }
}
