package io.millrace.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MillraceConfigurationTest {

  private static final String LEAST = "model.directory: models/demo\n";

  @Test
  void dottedAndNestedKeysAreTheSame() {
    assertThat(parse("model.directory: a\nengine.slots: 3"))
        .isEqualTo(parse("model:\n  directory: a\nengine:\n  slots: 3"));
  }

  @Test
  void theEnvironmentOverridesTheFile() {
    var configuration =
        MillraceConfiguration.parse(
            LEAST + "engine.slots: 2\nkafka:\n  bootstrap.servers: a:1",
            Map.of(
                "MILLRACE_ENGINE_SLOTS", "12",
                "MILLRACE_BATCHING_MAX_WAIT", "7ms",
                "MILLRACE_MODEL_DIRECTORY", "/elsewhere",
                "MILLRACE_KAFKA_BOOTSTRAP_SERVERS", "b:2",
                "MILLRACE_SCHEMA_REGISTRY_URL", "http://r:1",
                "MILLRACE_PRICES", "{demo: {prompt-micros-per-million: 5}}",
                "MILLRACE_SERVICE_HOST", "set by Kubernetes for a service of that name",
                "PATH", "/bin"));
    assertThat(configuration.engine().slots()).isEqualTo(12);
    assertThat(configuration.batching().maxWait()).isEqualTo(Duration.ofMillis(7));
    assertThat(configuration.model().directory()).isEqualTo("/elsewhere");
    assertThat(configuration.kafka()).isEqualTo(Map.of("bootstrap.servers", "b:2"));
    assertThat(configuration.schemaRegistry()).isEqualTo(Map.of("url", "http://r:1"));
    assertThat(configuration.prices()).isEqualTo(Map.of("demo", new PriceSettings(5, 0)));
  }

  @Test
  void everyKeyHasAVariableThatOverridesIt() {
    for (var key : MillraceConfiguration.keys()) {
      if (key.variable().isEmpty() || key.path().endsWith("*")) {
        continue;
      }
      assertThatThrownBy(
              () ->
                  MillraceConfiguration.parse(
                      key.type().equals("string") ? "" : LEAST,
                      Map.of(key.variable(), key.type().equals("string") ? " " : "nonsense")))
          .as(key.path())
          .hasMessageContaining(key.type().equals("string") ? "model.directory" : key.path());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "engine.slot, engine.slots",
    "batching.max-wait-ms, batching.max-wait",
    "topic.prompts, topics.prompts",
    "inflight.maxPerPartition, inflight.max-per-partition",
  })
  void anUnknownKeyIsRefusedAndTheNearestSuggested(String key, String nearest) {
    assertThatThrownBy(() -> parse(LEAST + key + ": 1"))
        .hasMessage(key + " is not a key; did you mean " + nearest + "?");
  }

  @Test
  void anUnknownKeyThatIsLikeNoneIsRefused() {
    assertThatThrownBy(() -> parse(LEAST + "something.entirely.different: 1"))
        .hasMessage("something.entirely.different is not a key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "engine.slots: many | engine.slots must be a number, not \"many\"",
        "engine.slots: 0 | engine.slots must be from 1 to 4096, not \"0\"",
        "engine.waiting: 0 | engine.waiting must be 1 or more, not \"0\"",
        "batching.max-wait: 2 | batching.max-wait must be a duration such as 2ms, 5s, 1m, 2h or 7d,"
            + " not \"2\"",
        "limits.prompt-bytes: 1MB2 | limits.prompt-bytes must be a size such as 1MiB, 512KiB or"
            + " 1000, not \"1MB2\"",
        "topics.create: yes please | topics.create must be true or false, not \"yes please\"",
        "format.values: xml | format.values must be avro or json, not \"xml\"",
        "defaults.temperature: 3 | defaults.temperature must be from 0 to 2, not \"3\"",
        "defaults.top-p: NaN | defaults.top-p must be a finite number, not \"NaN\"",
        "engine.priority-ageing: 0s | engine.priority-ageing must be more than nothing",
        "engine.step-timeout: 0s | engine.step-timeout must be more than nothing",
        "inflight.resume-at: 256 | inflight.resume-at must be below max-per-partition",
        "inflight.store-memory: 1MiB | inflight.store-memory must be 8MiB or more",
        "topics.errors: '' | topics.errors must not be empty: only control may be left out",
      })
  void aValueThatDoesNotFitIsRefusedByItsKey(String line, String message) {
    assertThatThrownBy(() -> parse(LEAST + line)).hasMessage(message);
  }

  @Test
  void aPromptWithinItsLimitsHasToFitTheLogOfPromptsInFlight() {
    assertThatThrownBy(() -> parse(LEAST + "limits.prompt-bytes: 1MiB"))
        .hasMessage(
            "kafka.producer.max.request.size must be 1086208 or more, not 1048576, for"
                + " limits.prompt-bytes 1MiB and limits.key-and-header-bytes 32KiB");
    assertThat(
            parse(LEAST + "limits.prompt-bytes: 1MiB\nkafka.producer.max.request.size: 1086208")
                .maxRecordBytes())
        .isEqualTo(1_086_208);
    assertThatThrownBy(() -> parse(LEAST + "kafka.max.request.size: 100000"))
        .hasMessageContaining("not 100000");
    assertThatThrownBy(() -> parse(LEAST + "kafka.max.request.size: much"))
        .hasMessage("kafka.producer.max.request.size must be a number, not \"much\"");
  }

  @Test
  void aDeadLetterWithItsValueHasToFitTheErrorsTopicInItsFormat() {
    assertThat(parse(LEAST + "limits.error-value-bytes: 900KiB").limits().errorValueBytes())
        .isEqualTo(new ByteSize(900 << 10));
    assertThatThrownBy(() -> parse(LEAST + "limits.error-value-bytes: 900KiB\nformat.values: json"))
        .hasMessageContaining("for limits.error-value-bytes 900KiB");
  }

  @Test
  void aValueFromTheEnvironmentIsRefusedByItsVariableToo() {
    assertThatThrownBy(
            () -> MillraceConfiguration.parse(LEAST, Map.of("MILLRACE_ENGINE_SLOTS", "x")))
        .hasMessage("engine.slots (MILLRACE_ENGINE_SLOTS) must be a number, not \"x\"");
  }

  @Test
  void allProblemsAreSaidAtOnce() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> parse("engine.slots: x\nengine.threads: y\nnonsense: 1"))
        .satisfies(
            exception ->
                assertThat(exception.problems())
                    .hasSize(4)
                    .anyMatch(problem -> problem.startsWith("model.directory is required")));
  }

  @Test
  void brokenYamlIsSaidWhereWithoutItsText() {
    assertThatThrownBy(() -> parse("kafka:\n  password: s3cret\n  - x"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("not valid YAML at line 2")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aKeyTwiceIsRefused() {
    assertThatThrownBy(() -> parse("engine:\n  slots: 1\n  slots: 2"))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void aFileIsRead(@TempDir Path directory) throws Exception {
    var file = Files.writeString(directory.resolve("millrace.yaml"), LEAST);
    assertThat(MillraceConfiguration.load(file, Map.of()).model().directory())
        .isEqualTo("models/demo");
    assertThatThrownBy(() -> MillraceConfiguration.load(directory.resolve("no"), Map.of()))
        .hasMessageContaining("cannot be read");
  }

  @Test
  void secretsArePrintedNowhere() {
    var yaml = LEAST + "kafka:\n  sasl.jaas.config: s3cret\nschema-registry:\n  password: s3cret";
    assertThat(parse(yaml).toString()).contains("sasl.jaas.config").doesNotContain("s3cret");
  }

  @Test
  void metricsAreNotServedToAnyone() {
    assertThatThrownBy(() -> parse(LEAST + "monitoring:\n  port: 9400\n  host: 0.0.0.0"))
        .hasMessageContaining("monitoring")
        .hasMessageContaining("token must be set");
    assertThat(parse(LEAST + "monitoring.port: 9400").monitoring().isServed()).isTrue();
    assertThat(parse(LEAST + "monitoring.token: s3cret").toString()).doesNotContain("s3cret");
  }

  @Test
  void costsAreRoundedToTheNearestMillionth() {
    var price = new PriceSettings(100_000, 300_000);
    assertThat(price.costMicros(4, 0)).isZero();
    assertThat(price.costMicros(5, 0)).isOne();
    assertThat(price.costMicros(1_000, 2_000)).isEqualTo(700);
  }

  @Test
  void topicNamesHaveThePrefix() {
    var topics = parse(LEAST + "topics.control: ''").topics();
    assertThat(topics.all())
        .isEqualTo(
            List.of(
                "millrace.prompts",
                "millrace.tokens",
                "millrace.completions",
                "millrace.usage",
                "millrace.errors"));
  }

  private static MillraceConfiguration parse(String yaml) {
    return MillraceConfiguration.parse(yaml, Map.of());
  }
}
