package io.millrace.registry;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Apicurio Registry in a process of its own, with everything in memory and Confluent's API; the
 * build unpacks it.
 */
final class ApicurioRegistry implements AutoCloseable {

  private static final Path HOME = Path.of("target", "schema-registry");
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final int port;
  private final Process process;

  private ApicurioRegistry(int port, Process process) {
    this.port = port;
    this.process = process;
  }

  /** Starts it on a free port and returns when it answers. */
  static ApicurioRegistry start() throws Exception {
    return start(freePort());
  }

  static ApicurioRegistry start(int port) throws Exception {
    var java = Path.of(requireNonNull(System.getProperty("java.home")), "bin", "java");
    var process =
        new ProcessBuilder(
                List.of(
                    java.toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-Dquarkus.http.host=127.0.0.1",
                    "-Dquarkus.http.port=" + port,
                    // Health and metrics, on every interface and a fixed port unless it is told.
                    "-Dquarkus.management.host=127.0.0.1",
                    "-Dquarkus.management.port=0",
                    "-jar",
                    HOME.resolve("quarkus-run.jar").toString()))
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "schema-registry-" + port + ".log").toFile())
            .start();
    var registry = new ApicurioRegistry(port, process);
    try {
      registry.awaitAnswer();
      return registry;
    } catch (Exception | Error failed) {
      registry.close();
      throw failed;
    }
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitAnswer() throws InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(url() + "/subjects")).build();
    var deadline = Instant.now().plus(START_LIMIT);
    try (var client = HttpClient.newHttpClient()) {
      while (Instant.now().isBefore(deadline)) {
        if (!process.isAlive()) {
          throw new IllegalStateException("The registry ended at its start; see its log.");
        }
        try {
          if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException notYet) {
          // It does not listen yet.
        }
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("The registry did not answer within " + START_LIMIT + ".");
  }
}
