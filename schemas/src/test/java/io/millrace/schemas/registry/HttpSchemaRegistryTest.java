package io.millrace.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.Unauthorized;
import io.millrace.schemas.registry.SchemaRegistryException.Unavailable;
import io.millrace.schemas.registry.SchemaRegistryException.UnexpectedAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpSchemaRegistryTest {

  private static final String BY_ID = "GET /schemas/ids/1";
  private static final String A_STRING = "{\"schema\": \"\\\"string\\\"\"}";
  private static final Schema SCHEMA =
      SchemaBuilder.record("R").fields().requiredString("a").endRecord();

  private final FakeRegistryServer server;
  private final List<Duration> pauses = new ArrayList<>();

  HttpSchemaRegistryTest() throws Exception {
    server = new FakeRegistryServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void registersLooksUpAndReads() {
    server
        .answer("POST /subjects/s/versions", 200, "{\"id\": 7}")
        .answer("POST /subjects/s", 200, "{\"id\": 8, \"version\": 2}")
        .answer(BY_ID, 200, A_STRING)
        .answer(
            "GET /subjects/s/versions/latest",
            200,
            "{\"id\": 9, \"version\": 3, \"schema\": \"\\\"int\\\"\"}");
    try (var registry = registry(Map.of())) {
      assertThat(registry.register("s", SCHEMA)).isEqualTo(7);
      assertThat(registry.lookUp("s", SCHEMA)).isEqualTo(8);
      assertThat(registry.schemaById(1)).isEqualTo(Schema.create(Schema.Type.STRING));
      assertThat(registry.latest("s"))
          .isEqualTo(new RegisteredSchema("s", 3, 9, Schema.create(Schema.Type.INT)));
    }
    assertThat(server.requests().getFirst().body()).contains("\\\"name\\\":\\\"R\\\"");
  }

  @Test
  void subjectsMayHoldAnyCharacter() {
    server.answer("POST /subjects/a%2Fb%20c%2Bd", 200, "{\"id\": 1}");
    try (var registry = registry(Map.of())) {
      assertThat(registry.lookUp("a/b c+d", SCHEMA)).isEqualTo(1);
    }
  }

  @Test
  void schemasAreNormalizedOnRequest() {
    server.answer("POST /subjects/s/versions?normalize=true", 200, "{\"id\": 1}");
    try (var registry = registry(Map.of("normalize.schemas", true))) {
      assertThat(registry.register("s", SCHEMA)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"500", "502", "503", "429", "408"})
  void asksAgainAfterAWait(int status) {
    server.answer(BY_ID, status, "").answer(BY_ID, status, "").answer(BY_ID, 200, A_STRING);
    try (var registry = registry(Map.of("retries.wait.ms", 100))) {
      assertThat(registry.schemaById(1).getType()).isEqualTo(Schema.Type.STRING);
    }
    assertThat(pauses).hasSize(2);
    assertThat(pauses.get(0)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    assertThat(pauses.get(1)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
  }

  @Test
  void givesUpAfterABoundedNumberOfTries() {
    server.answer(BY_ID, 503, "");
    try (var registry = registry(Map.of("max.retries", 4))) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOfSatisfying(
              Unavailable.class, failure -> assertThat(failure.isTransient()).isTrue())
          .hasMessageContaining("after 5 tries")
          .hasMessageContaining("answered 503")
          .hasMessageContaining(server.url());
    }
    assertThat(server.requests()).hasSize(5);
    assertThat(pauses).hasSize(4);
  }

  @Test
  void aRegistryThatIsNotThereIsUnavailable() {
    server.close();
    try (var registry = registry(Map.of())) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("gave no answer (ConnectException)");
    }
  }

  @Test
  void theNextAddressIsAskedAtOnceAndStaysPreferred() throws Exception {
    try (var second = new FakeRegistryServer().answer(BY_ID, 200, A_STRING);
        var registry =
            registry(Map.of("schema.registry.url", server.url() + "," + second.url() + "/"))) {
      server.answer(BY_ID, 503, "");
      registry.schemaById(1);
      registry.schemaById(1);
      assertThat(server.requests()).hasSize(1);
      assertThat(second.requests()).hasSize(2);
      assertThat(pauses).isEmpty();
    }
  }

  @Test
  void everyAddressIsAskedAsOftenAsTheRetriesSay() throws Exception {
    try (var second = new FakeRegistryServer().answer(BY_ID, 503, "");
        var registry =
            registry(
                Map.of(
                    "schema.registry.url", server.url() + "," + second.url(), "max.retries", 1))) {
      server.answer(BY_ID, 503, "");
      assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(Unavailable.class);
      assertThat(server.requests()).hasSize(2);
      assertThat(second.requests()).hasSize(2);
      assertThat(pauses).hasSize(1);
    }
  }

  @Test
  void aBodyThatDoesNotComeIsNoAnswer() {
    server.stall(BY_ID);
    try (var registry = registry(Map.of("max.retries", 0, "http.read.timeout.ms", 100))) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("gave no answer (HttpTimeoutException)");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, 40401, SubjectNotFound",
    "404, 40402, VersionNotFound",
    "404, 40403, SchemaNotFound",
    "409, 409, Incompatible",
    "422, 42201, InvalidSchema",
    "401, 401, Unauthorized",
    "403, 40301, Unauthorized",
    "404, 404, UnexpectedAnswer",
    "418, 418, UnexpectedAnswer"
  })
  void aRefusalIsNotTriedAgainAndSaysWhichItIs(int status, int code, String kind) {
    server.answer(BY_ID, status, "{\"error_code\": %d, \"message\": \"m\"}".formatted(code));
    try (var registry = registry(Map.of())) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOfSatisfying(
              SchemaRegistryException.class,
              failure -> {
                assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
                assertThat(failure.isTransient()).isFalse();
              });
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aServerThatIsNoRegistryIsFoundOut() {
    server.answer(BY_ID, 200, "<html>It works!</html>");
    try (var registry = registry(Map.of())) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOf(UnexpectedAnswer.class)
          .hasMessageContaining("schema.registry.url");
    }
  }

  @Test
  void aSchemaMayReferToOthers() {
    server
        .answer(
            BY_ID,
            200,
            """
            {"schema": "{\\"type\\": \\"array\\", \\"items\\": \\"a.B\\"}",
             "references": [{"name": "a.B", "subject": "b", "version": 4}]}
            """)
        .answer(
            "GET /subjects/b/versions/4",
            200,
            """
            {"schema": "{\\"type\\": \\"fixed\\", \\"name\\": \\"a.B\\", \\"size\\": 2}"}
            """);
    try (var registry = registry(Map.of())) {
      assertThat(registry.schemaById(1).getElementType().getFixedSize()).isEqualTo(2);
    }
  }

  @Test
  void aSchemaThatIsNotAvroIsRefused() {
    server.answer(BY_ID, 200, "{\"schemaType\": \"PROTOBUF\", \"schema\": \"\"}");
    try (var registry = registry(Map.of())) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOf(InvalidSchema.class)
          .hasMessageContaining("PROTOBUF");
    }
  }

  @Test
  void credentialsComeFromWhereTheSettingSays() {
    server.answer(BY_ID, 200, A_STRING);
    var basic = "Basic bWU6cyM6MQ=="; // me:s#:1
    var jaas =
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"me\""
            + " password=\"s#:1\";";
    var inUrl = "http://me:s%23:1@localhost:" + server.port();
    assertThat(authorization(Map.of())).isEmpty();
    assertThat(authorization(Map.of("schema.registry.url", inUrl))).isEqualTo(basic);
    assertThat(
            authorization(
                Map.of(
                    "basic.auth.credentials.source",
                    "USER_INFO",
                    "schema.registry.basic.auth.user.info",
                    "me:s#:1")))
        .isEqualTo(basic);
    assertThat(
            authorization(
                Map.of("basic.auth.credentials.source", "SASL_INHERIT", "sasl.jaas.config", jaas)))
        .isEqualTo(basic);
    assertThat(
            authorization(
                Map.of("bearer.auth.credentials.source", "STATIC_TOKEN", "bearer.auth.token", "t")))
        .isEqualTo("Bearer t");
  }

  @Test
  void refusedCredentialsAreNotTold() {
    server.answer(BY_ID, 401, "");
    var url = "http://me:hidden@localhost:" + server.port();
    try (var registry = registry(Map.of("schema.registry.url", url))) {
      assertThatThrownBy(() -> registry.schemaById(1))
          .isInstanceOf(Unauthorized.class)
          .hasMessageContaining("basic.auth.credentials.source")
          .hasMessageNotContaining("hidden");
    }
  }

  @Test
  void anInterruptedCallEndsAtOnceAndKeepsTheInterruption() {
    server.answer(BY_ID, 200, A_STRING);
    try (var registry = registry(Map.of())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(Unavailable.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private String authorization(Map<String, Object> settings) {
    try (var registry = registry(settings)) {
      registry.schemaById(1);
    }
    return server.requests().getLast().authorization();
  }

  private HttpSchemaRegistry registry(Map<String, Object> settings) {
    Map<String, Object> config = new HashMap<>(Map.of("schema.registry.url", server.url()));
    config.putAll(settings);
    return new HttpSchemaRegistry(RegistryConfig.of(config), pauses::add);
  }
}
