package io.millrace.local.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A Schema Registry inside this JVM that speaks Confluent's REST API, on loopback only.
 *
 * <p>Offers what serdes and {@code curl} need: registering (compatibility {@code BACKWARD}),
 * look-up, versions, schemas by id. Given a file, it keeps the schemas there, so that the ids in a
 * log that outlives it stay true. Not for production: no deleting, no other compatibility levels,
 * no security.
 */
public final class LocalSchemaRegistry implements AutoCloseable {

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService requests;
  private final RegistryRoutes routes;

  private LocalSchemaRegistry(HttpServer server, ExecutorService requests, RegistryRoutes routes) {
    this.server = server;
    this.requests = requests;
    this.routes = routes;
  }

  /**
   * Starts a registry that forgets everything when it is closed.
   *
   * @param port the port to listen on, or 0 for a free one
   * @throws IOException if the port is taken
   */
  public static LocalSchemaRegistry start(int port) throws IOException {
    return start(port, new RegistryRoutes(new RegisteredSchemas()));
  }

  /**
   * Starts a registry that knows what an earlier one kept in the same file.
   *
   * @param file where the schemas are kept; made if missing
   * @param port the port to listen on, or 0 for a free one
   * @throws IOException if the port is taken or the file cannot be read or written
   */
  public static LocalSchemaRegistry start(Path file, int port) throws IOException {
    return start(port, new RegistryRoutes(new RegisteredSchemas(file)));
  }

  private static LocalSchemaRegistry start(int port, RegistryRoutes routes) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    var server = HttpServer.create(address, 0);
    var requests = Executors.newVirtualThreadPerTaskExecutor();
    var registry = new LocalSchemaRegistry(server, requests, routes);
    server.setExecutor(requests);
    server.createContext("/", registry::handle);
    server.start();
    return registry;
  }

  /** The value for {@code schema.registry.url}. */
  public String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** Stops at once; requests under way get no answer. Idempotent. */
  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      RegistryAnswer answer;
      try {
        answer =
            routes.answer(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestBody());
      } catch (UncheckedIOException fileFailed) {
        answer = RegistryAnswer.error(500, 50001, "The schemas' file could not be written.");
      }
      var body = JSON.writeValueAsBytes(answer.body());
      exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
