package io.millrace.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.registry.RegistryConfig;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SharedRegistries;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SerdeConfigurationTest {

  private static final Schema NOTE =
      SchemaBuilder.record("io.millrace.Note").fields().requiredString("text").endRecord();
  private static final Schema NOTE_WITH_LANGUAGE =
      SchemaBuilder.record("io.millrace.Note")
          .fields()
          .name("language")
          .type()
          .stringType()
          .stringDefault("en")
          .requiredString("text")
          .endRecord();

  private final Map<String, Object> mock = Events.mockRegistry();
  private final SchemaRegistry registry = SharedRegistries.acquire(RegistryConfig.of(mock));

  /** A user's own way to name subjects. */
  public static final class UpperCase implements SubjectNameStrategy {
    @Override
    public String subject(String topic, boolean isKey, Schema schema) {
      return "UPPER-" + isKey;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TopicNameStrategy, t-value",
    "RecordNameStrategy, io.millrace.Note",
    "TopicRecordNameStrategy, t-io.millrace.Note",
    "io.confluent.kafka.serializers.subject.TopicNameStrategy, t-value",
    "io.confluent.kafka.serializers.subject.RecordNameStrategy, io.millrace.Note",
    "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy, t-io.millrace.Note",
    "io.millrace.schemas.serde.SerdeConfigurationTest$UpperCase, UPPER-false"
  })
  void subjectsAreNamedAsConfigured(String strategy, String subject) {
    write(Map.of("value.subject.name.strategy", strategy));
    assertThat(registry.latest(subject).schema()).isEqualTo(NOTE);
  }

  @Test
  void keysHaveSubjectsOfTheirOwn() {
    serde(Map.of("key.subject.name.strategy", "TopicNameStrategy"), true)
        .serializer()
        .serialize("t", note());
    assertThat(registry.latest("t-key").schema()).isEqualTo(NOTE);
  }

  @ParameterizedTest
  @CsvSource({
    "value.subject.name.strategy, ByMoonPhase",
    "value.subject.name.strategy, no.such.Class",
    "auto.register.schemas, maybe",
    "specific.avro.value.type, java.lang.String"
  })
  void aWrongValueIsRefusedWithItsKey(String key, String value) {
    assertThatThrownBy(() -> serde(Map.of(key, value), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(value);
  }

  @Test
  void withoutAutomaticRegistrationNothingIsRegistered() {
    assertThatThrownBy(() -> write(Map.of("auto.register.schemas", "false")))
        .isInstanceOfSatisfying(
            RegistryFailureException.class,
            failure -> {
              assertThat(failure.failure()).isInstanceOf(SubjectNotFound.class);
              assertThat(failure.isTransient()).isFalse();
            });
    var id = registry.register("t-value", NOTE);
    assertThat(write(Map.of("auto.register.schemas", "false"))).startsWith(0, 0, 0, 0, id);
  }

  @Test
  void recordsAreWrittenAsTheLatestSchemaHasThem() {
    registry.register("t-value", NOTE_WITH_LANGUAGE);
    var bytes = write(Map.of("auto.register.schemas", false, "use.latest.version", true));
    var read = serde(Map.of(), false).deserializer().deserialize("t", bytes);
    assertThat(read.get("language")).hasToString("en");
    assertThat(read.get("text")).hasToString("Hi");
  }

  @Test
  void genericRecordsAreReadAsTheLatestSchemaHasThem() {
    var bytes = write(Map.of());
    registry.register("t-value", NOTE_WITH_LANGUAGE);
    var latest = serde(Map.of("use.latest.version", true), false);
    assertThat(latest.deserializer().deserialize("t", bytes).get("language")).hasToString("en");
  }

  @Test
  void aLatestSchemaThatCannotReadTheRecordsIsRefused() {
    registry.register(
        "t-value", SchemaBuilder.record("io.millrace.Note").fields().requiredInt("n").endRecord());
    assertThatThrownBy(
            () -> write(Map.of("auto.register.schemas", false, "use.latest.version", true)))
        .isInstanceOfSatisfying(
            RegistryFailureException.class,
            failure -> assertThat(failure.failure()).isInstanceOf(Incompatible.class));
  }

  @Test
  void aSchemaWithoutItsJavaPropertiesIsTheOneInTheFile() throws Exception {
    for (var schema : new Schema[] {Prompt.getClassSchema(), Completion.getClassSchema()}) {
      var file = Path.of("src", "main", "avro", schema.getName() + ".avsc");
      assertThat(JavaProperties.remove(schema))
          .hasToString(new Schema.Parser().parse(file.toFile()).toString());
    }
  }

  @Test
  void javaPropertiesAreLeftOutOnRequest() {
    var serde = new SpecificAvroSerde<>(Prompt.class);
    Map<String, Object> config = new HashMap<>(mock);
    config.put("avro.remove.java.properties", true);
    serde.configure(config, false);
    serde.serializer().serialize("t", Events.prompt());
    assertThat(registry.latest("t-value").schema().toString()).doesNotContain("avro.java.string");
    serde.close();
  }

  @Test
  void aPlainDeserializerMakesGenericOrSpecificRecordsAsConfigured() {
    try (var serializer = new AvroSerializer<Prompt>();
        var generic = new AvroDeserializer<>();
        var specific = new AvroDeserializer<>()) {
      serializer.configure(mock, false);
      generic.configure(mock, false);
      Map<String, Object> config = new HashMap<>(mock);
      config.put("specific.avro.reader", true);
      specific.configure(config, false);
      var bytes = serializer.serialize("t", Events.prompt());
      assertThat(generic.deserialize("t", bytes)).isInstanceOf(GenericRecord.class);
      assertThat(specific.deserialize("t", bytes)).isEqualTo(Events.prompt());
    }
  }

  @Test
  void equalConfigurationsShareOneClientUntilTheLastIsClosed() {
    var config = RegistryConfig.of(Events.mockRegistry());
    var first = SharedRegistries.acquire(config);
    assertThat(SharedRegistries.acquire(config)).isSameAs(first);
    SharedRegistries.release(config);
    assertThat(SharedRegistries.acquire(config)).isSameAs(first);
    SharedRegistries.release(config);
    SharedRegistries.release(config);
    assertThat(SharedRegistries.acquire(config)).isNotSameAs(first);
  }

  @Test
  void aClosedSerdeSaysSo() {
    var serde = serde(Map.of(), false);
    serde.close();
    serde.close();
    assertThatThrownBy(() -> serde.serializer().serialize("t", note()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anInMemoryRegistryRefusesWhatCannotReadTheVersionBefore() {
    var memory = new InMemorySchemaRegistry();
    memory.register("s", NOTE);
    assertThatThrownBy(
            () ->
                memory.register(
                    "s",
                    SchemaBuilder.record("io.millrace.Note").fields().requiredInt("n").endRecord()))
        .isInstanceOf(Incompatible.class);
    assertThat(memory.versions("s")).containsExactly(1);
  }

  private byte[] write(Map<String, ?> settings) {
    return serde(settings, false).serializer().serialize("t", note());
  }

  private GenericAvroSerde serde(Map<String, ?> settings, boolean isKey) {
    Map<String, Object> config = new HashMap<>(mock);
    config.putAll(settings);
    var serde = new GenericAvroSerde();
    serde.configure(config, isKey);
    return serde;
  }

  private static GenericRecord note() {
    return new GenericRecordBuilder(NOTE).set("text", "Hi").build();
  }
}
