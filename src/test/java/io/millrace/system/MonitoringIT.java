package io.millrace.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.local.FreePort;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a processor shows of itself is what {@code docs/metrics.md} says. */
class MonitoringIT {

  private static final Duration WITHIN = Duration.ofMinutes(1);
  private static final String TOKEN = "t0ken";
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z_]+)` \\|");
  private static final Pattern SHOWN = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private static final Pattern OTHERS_OWN = Pattern.compile("(kafka|jvm|process|system)_.*");

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;
  private final URI address;

  MonitoringIT() throws IOException {
    port = FreePort.find();
    address = URI.create("http://localhost:" + port);
  }

  @Test
  void meters_and_health_are_as_documented() throws Exception {
    Map<String, ?> settings = Map.of("monitoring", Map.of("port", port, "token", TOKEN));
    try (var neighbours = Neighbours.start(directory);
        var processor = neighbours.startProcessor("processor", directory, settings)) {
      var configuration = neighbours.configuration(directory, settings);
      var topics = configuration.topics();
      Prompts.send(configuration, Prompts.numbered(5, 10));
      try (var producer =
          new KafkaProducer<>(
              Prompts.producerProperties(configuration),
              new ByteArraySerializer(),
              new ByteArraySerializer())) {
        producer.send(new ProducerRecord<>(topics.promptsTopic(), new byte[] {1})).get();
      }
      try (var completions = new Log<>(configuration, topics.completionsTopic(), Completion.class);
          var errors = new Log<>(configuration, topics.errorsTopic(), ErrorEvent.class)) {
        completions.await(5, WITHIN);
        errors.await(1, WITHIN);
      }

      // The brokers are asked for the lag now and then.
      Eventually.await(
          WITHIN, () -> scrape().contains("millrace_prompts_lag{"), () -> "a lag: " + scrape());
      var metrics = scrape();
      assertThat(shown(metrics)).isEqualTo(documented());
      assertThat(metrics)
          .contains("millrace_errors_total{code=\"undecodable\",stage=\"decode\"} 1.0")
          .containsPattern("millrace_requests_total\\{.*status=\"completed\",tenant=\"\"} 5.0")
          .containsPattern("gen_ai_server_time_to_first_token_seconds_count\\{.*} 5")
          .contains("kafka_");
      assertThat(get("/health/live", "").statusCode()).isEqualTo(200);
      assertThat(get("/health/ready", "").body()).contains("\"status\":\"UP\"");
      assertNothingElseIsTold();
      assertThat(processor.terminate()).isZero();
    }
  }

  private void assertNothingElseIsTold() throws Exception {
    assertThat(get("/metrics", "").statusCode()).isEqualTo(401);
    assertThat(get("/metrics", "Bearer wrong").statusCode()).isEqualTo(401);
    assertThat(get("/metrics/x", "Bearer " + TOKEN).statusCode()).isEqualTo(404);
    assertThat(get("/", "").statusCode()).isEqualTo(404);
    // One that says nothing, and one that talks nonsense.
    try (var silent = new Socket("localhost", port);
        var mad = new Socket("localhost", port)) {
      mad.getOutputStream().write("\0\1 nonsense\r\n\r\n".getBytes(UTF_8));
      assertThat(silent.isConnected()).isTrue();
      assertThat(get("/health/live", "").statusCode()).isEqualTo(200);
    }
  }

  private String scrape() {
    try {
      return get("/metrics", "Bearer " + TOKEN).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(String path, String authorization)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(address.resolve(path));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** A summary's greatest value has a name of its own, and no meaning of its own. */
  private static Set<String> shown(String metrics) {
    return SHOWN
        .matcher(metrics)
        .results()
        .map(type -> type.group(1))
        .filter(name -> !name.endsWith("_max"))
        .filter(name -> !OTHERS_OWN.matcher(name).matches())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> documented() throws IOException {
    return DOCUMENTED
        .matcher(Files.readString(MillraceJvm.home().resolve("docs").resolve("metrics.md")))
        .results()
        .map(row -> row.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
