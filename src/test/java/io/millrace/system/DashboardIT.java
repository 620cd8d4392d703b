package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.dashboard.Dashboard;
import io.millrace.dashboard.Dashboard.Panel;
import io.millrace.dashboard.Dashboard.Query;
import io.millrace.dashboard.PrometheusServer;
import io.millrace.dashboard.Scrape;
import io.millrace.events.Completion;
import io.millrace.local.FreePort;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every query of Grafana's dashboard finds data of a processor that has something to do. */
class DashboardIT {

  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final String TOKEN = "t0ken";
  private static final int PROMPTS = 20;

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;

  /** Of prompts so far, each time with other ids. */
  private int sent;

  DashboardIT() throws IOException {
    port = FreePort.find();
  }

  @Test
  void every_query_finds_data() throws Exception {
    var panels =
        Dashboard.read(MillraceJvm.home().resolve(Path.of("deploy", "grafana", "millrace.json")))
            .panels();
    assertThat(panels).extracting(Panel::id).isNotEmpty().doesNotHaveDuplicates();
    assertThat(panels).allSatisfy(panel -> assertThat(panel.queries()).isNotEmpty());

    Map<String, ?> settings = Map.of("monitoring", Map.of("port", port, "token", TOKEN));
    try (var neighbours = Neighbours.start(directory);
        var _ = neighbours.startProcessor("processor", directory, settings)) {
      var configuration = neighbours.configuration(directory, settings);
      sendPrompts(configuration);
      sendNonsense(configuration);

      // Of what a query is about, the lag comes last: the brokers are asked for it now and then.
      Eventually.await(
          WITHIN, () -> missing(panels).isEmpty(), () -> "missing: " + missing(panels));
      evaluate(panels, configuration);
    }
  }

  /** By Prometheus itself, for what names alone do not show. */
  private void evaluate(List<Panel> panels, MillraceConfiguration configuration) throws Exception {
    var program = PrometheusServer.program();
    if (program.isEmpty()) {
      System.out.println(
          "SKIPPED evaluation of the dashboard's queries: no prometheus on the path (apt download"
              + " prometheus). Their names and labels were checked.");
      return;
    }
    Set<Query> open = new LinkedHashSet<>();
    panels.forEach(panel -> open.addAll(panel.queries()));
    try (var prometheus = PrometheusServer.start(program.get(), directory, port, TOKEN)) {
      Eventually.await(
          WITHIN, () -> prometheus.finds("up{} == 1"), () -> "Prometheus reaches no processor");
      // What is counted before Prometheus looks for the first time has no rate.
      Eventually.await(
          WITHIN,
          () -> {
            sendPrompts(configuration);
            open.removeIf(query -> prometheus.finds(query.expression()));
            return open.isEmpty();
          },
          () -> "no data for: " + open);
    }
  }

  private void sendPrompts(MillraceConfiguration configuration) {
    Prompts.send(configuration, Prompts.alike(sent, sent + PROMPTS));
    sent += PROMPTS;
    try (var completions =
        new Log<>(configuration, configuration.topics().completionsTopic(), Completion.class)) {
      completions.await(sent, WITHIN);
    }
  }

  private static void sendNonsense(MillraceConfiguration configuration) throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Prompts.producerProperties(configuration),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(configuration.topics().promptsTopic(), new byte[] {1}))
          .get();
    }
  }

  private List<String> missing(List<Panel> panels) {
    var scrape = Scrape.parse(scrape());
    return panels.stream()
        .flatMap(panel -> panel.queries().stream())
        .flatMap(query -> scrape.missing(query).stream())
        .toList();
  }

  private String scrape() {
    var request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    try {
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
