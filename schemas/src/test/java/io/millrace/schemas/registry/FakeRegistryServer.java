package io.millrace.schemas.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Answers what a test told it to, in order; the last answer to a request is given for good. */
final class FakeRegistryServer implements AutoCloseable {

  record Request(String target, String authorization, String body) {}

  private static final int STALLED = -1;

  private record Answer(int status, String body) {}

  private final HttpServer server;
  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  FakeRegistryServer() throws IOException {
    this(HttpServer.create());
  }

  /**
   * @param server not bound yet
   */
  FakeRegistryServer(HttpServer server) throws IOException {
    this.server = server;
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * @param target as in {@code GET /subjects}
   */
  FakeRegistryServer answer(String target, int status, String body) {
    answers.computeIfAbsent(target, absent -> new ArrayDeque<>()).add(new Answer(status, body));
    return this;
  }

  /** Answers with headers that promise a body, of which nothing comes before {@link #close()}. */
  FakeRegistryServer stall(String target) {
    return answer(target, STALLED, "");
  }

  String url() {
    return "http://localhost:" + port();
  }

  int port() {
    return server.getAddress().getPort();
  }

  List<Request> requests() {
    return new ArrayList<>(requests);
  }

  private void awaitClose() {
    try {
      closed.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var target = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      var authorization = exchange.getRequestHeaders().getFirst("Authorization");
      requests.add(
          new Request(
              target,
              authorization == null ? "" : authorization,
              new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
      var planned = answers.getOrDefault(target, new ArrayDeque<>());
      var next = planned.size() > 1 ? planned.poll() : planned.peek();
      var answer = next == null ? new Answer(500, "No answer was planned.") : next;
      if (answer.status() == STALLED) {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().flush();
        awaitClose();
        return;
      }
      var body = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
