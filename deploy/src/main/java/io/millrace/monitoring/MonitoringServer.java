package io.millrace.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.topology.config.MonitoringSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics} in Prometheus' format, and {@code /health/live} and {@code /health/ready}
 * with status 200 or 503 and the reasons in JSON.
 */
final class MonitoringServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MonitoringServer.class);

  /** Of the JDK's server, for a whole process. */
  private static final String MOST_CONNECTIONS = "jdk.httpserver.maxConnections";

  /** Likewise; seconds. */
  private static final String MOST_SECONDS_TO_READ = "sun.net.httpserver.maxReqTime";

  private static final String MOST_SECONDS_TO_WRITE = "sun.net.httpserver.maxRspTime";

  private static final String TEXT = "text/plain; charset=utf-8";

  /** Of Prometheus, which asks for the version. */
  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  private static final String JSON = "application/json";

  private final HttpServer server;
  private final ExecutorService threads;

  private MonitoringServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to serve.
   *
   * @throws IOException if the address cannot be had
   */
  static MonitoringServer start(
      MonitoringSettings settings, PrometheusMeterRegistry registry, Health health)
      throws IOException {
    // A client that sends or reads nothing would keep its connection for ever.
    setDefault(MOST_CONNECTIONS, "64");
    setDefault(MOST_SECONDS_TO_READ, "10");
    setDefault(MOST_SECONDS_TO_WRITE, "10");
    var server = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
    // Slow clients hold up no others: each request has a thread of its own.
    var threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("millrace-monitoring-", 0).factory());
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, 404, TEXT, "no such page\n"));
    server.createContext(
        "/metrics",
        exactly(
            "/metrics",
            exchange -> {
              if (isAllowed(exchange, settings.token())) {
                answer(exchange, 200, METRICS, registry.scrape());
              } else {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
                answer(exchange, 401, TEXT, "the bearer token is missing or wrong\n");
              }
            }));
    server.createContext("/health/live", exactly("/health/live", health(health::deadly)));
    server.createContext("/health/ready", exactly("/health/ready", health(health::hindrances)));
    server.start();
    LOG.info("Metrics and health at {}", server.getAddress());
    return new MonitoringServer(server, threads);
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** The JDK's server takes a context for all that begins with its path. */
  private static HttpHandler exactly(String path, HttpHandler handler) {
    return exchange -> {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        answer(exchange, 404, TEXT, "no such page\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        answer(exchange, 405, TEXT, "only GET\n");
      } else {
        handler.handle(exchange);
      }
    };
  }

  private static HttpHandler health(Supplier<List<String>> problems) {
    return exchange -> {
      var found = problems.get();
      var body = JsonNodeFactory.instance.objectNode();
      body.put("status", found.isEmpty() ? "UP" : "DOWN");
      var reasons = body.putArray("reasons");
      found.forEach(reasons::add);
      answer(exchange, found.isEmpty() ? 200 : 503, JSON, body + "\n");
    };
  }

  private static boolean isAllowed(HttpExchange exchange, String token) {
    var given = exchange.getRequestHeaders().getFirst("Authorization");
    return token.isBlank()
        || (given != null
            && MessageDigest.isEqual(given.getBytes(UTF_8), ("Bearer " + token).getBytes(UTF_8)));
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    try (exchange) {
      var bytes = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
