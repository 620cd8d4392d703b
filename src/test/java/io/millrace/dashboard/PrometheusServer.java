package io.millrace.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.local.FreePort;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Prometheus itself, as this machine has it installed; it scrapes a processor every second. */
public final class PrometheusServer implements AutoCloseable {

  private static final int STOP_WITHIN_SECONDS = 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Where it is installed, if it is. */
  public static Optional<Path> program() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> Path.of(directory, "prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * @param directory for its configuration and data
   * @param target port of the processor
   * @param token that the processor wants to see
   */
  public static PrometheusServer start(Path program, Path directory, int target, String token)
      throws IOException {
    var configuration = directory.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        scrape_configs:
          - job_name: millrace
            scrape_interval: 1s
            scrape_timeout: 1s
            authorization:
              credentials: %s
            static_configs:
              - targets: ["localhost:%d"]
        """
            .formatted(token, target));
    int port = FreePort.find();
    var process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + directory.resolve("prometheus-data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    return new PrometheusServer(process, port);
  }

  /**
   * Whether a query finds a value now; one that is not a number is none.
   *
   * @throws AssertionError if the query is not valid, or Prometheus has ended
   */
  public boolean finds(String expression) {
    try {
      var query = "query=" + URLEncoder.encode(expression, UTF_8);
      var uri = URI.create("http://127.0.0.1:" + port + "/api/v1/query?" + query);
      var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      if (response.statusCode() == 503) {
        return false;
      }
      if (response.statusCode() != 200) {
        throw new AssertionError(expression + ": " + response.body());
      }
      for (var series : JSON.readTree(response.body()).at("/data/result")) {
        if (isNumber(series)) {
          return true;
        }
      }
      return false;
    } catch (ConnectException starting) {
      if (!process.isAlive()) {
        throw new AssertionError("Prometheus ended with " + process.exitValue(), starting);
      }
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static boolean isNumber(JsonNode series) {
    return Double.isFinite(parse(series.path("value").path(1).asText()));
  }

  private static double parse(String value) {
    return switch (value) {
      case "NaN" -> Double.NaN;
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(value);
    };
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_WITHIN_SECONDS, SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
