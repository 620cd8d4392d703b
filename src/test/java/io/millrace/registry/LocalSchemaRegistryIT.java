package io.millrace.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.registry.RegistryConfig;
import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The serdes with the registry of the embedded set-up. */
class LocalSchemaRegistryIT extends RegistryContract {

  private static @Nullable LocalSchemaRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    registry = LocalSchemaRegistry.start(0);
  }

  @AfterAll
  static void stop() {
    requireNonNull(registry).close();
  }

  @Override
  String url() {
    return requireNonNull(registry).url();
  }

  @Test
  void aSchemaThatCannotReadTheOneBeforeIsRefused() {
    var first = SchemaBuilder.record("R").fields().requiredString("a").endRecord();
    var second = SchemaBuilder.record("R").fields().requiredInt("b").endRecord();
    try (var client = client(url())) {
      client.register(topic(), first);
      assertThatThrownBy(() -> client.register(topic(), second)).isInstanceOf(Incompatible.class);
      assertThat(client.latest(topic()).schema()).isEqualTo(first);
    }
  }

  @Test
  void aSchemaHasOneIdInAllSubjects() {
    var schema = SchemaBuilder.record("Shared").fields().requiredString("a").endRecord();
    try (var client = client(url())) {
      var id = client.register(topic(), schema);
      assertThat(client.register(topic() + "/of another+name ü", schema)).isEqualTo(id);
      assertThat(client.lookUp(topic() + "/of another+name ü", schema)).isEqualTo(id);
      assertThat(client.schemaById(id)).isEqualTo(schema);
      assertThat(client.latest(topic()).version()).isEqualTo(1);
    }
  }

  @Test
  void whatIsNoSchemaIsRefused() throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects/x/versions"))
            .POST(BodyPublishers.ofString("{\"schema\": \"{\\\"type\\\": \\\"no\\\"}\"}"))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      var answer = http.send(request, BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(422);
      assertThat(answer.body()).contains("\"error_code\":42201");
    }
  }

  @Test
  void withAFileItKnowsItsSchemasAfterARestart(@TempDir Path directory) throws Exception {
    var file = directory.resolve("schemas.jsonl");
    var one = SchemaBuilder.record("One").fields().requiredString("a").endRecord();
    var two = SchemaBuilder.record("Two").fields().requiredString("a").endRecord();
    int idOfTwo;
    try (var before = LocalSchemaRegistry.start(file, 0);
        var client = client(before.url())) {
      client.register("one", one);
      client.register("one", one);
      idOfTwo = client.register("two", two);
    }
    try (var after = LocalSchemaRegistry.start(file, 0);
        var client = client(after.url())) {
      assertThat(client.schemaById(idOfTwo)).isEqualTo(two);
      assertThat(client.lookUp("one", one)).isNotEqualTo(idOfTwo);
      assertThat(client.latest("one").version()).isEqualTo(1);
      assertThatThrownBy(() -> client.latest("three")).isInstanceOf(SubjectNotFound.class);
    }
  }

  private static HttpSchemaRegistry client(String url) {
    return new HttpSchemaRegistry(RegistryConfig.of(Map.of("schema.registry.url", url)));
  }
}
