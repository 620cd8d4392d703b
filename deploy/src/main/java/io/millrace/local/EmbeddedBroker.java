package io.millrace.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/**
 * A real Kafka broker, controller included, inside this JVM: one node, loopback only, ready in
 * about two seconds.
 *
 * <p>It keeps its log in the directory it is given, so that one started on the same directory and
 * port later goes on where this one stopped. Not for production: one replica, no security.
 */
public final class EmbeddedBroker implements AutoCloseable {

  /** Any; one node forms the cluster, and its data directory remembers the id. */
  private static final String CLUSTER_ID = "bWlsbHJhY2UtbG9jYWwtMQ";

  private final KafkaRaftServer server;
  private final String bootstrapServers;

  private EmbeddedBroker(KafkaRaftServer server, String bootstrapServers) {
    this.server = server;
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * Starts a broker and returns when it takes connections.
   *
   * @param data where the log lives; made if missing
   * @param port the port to listen on, or 0 for a free one
   * @throws IOException if the directory cannot be made or formatted
   */
  public static EmbeddedBroker start(Path data, int port) throws IOException {
    return start(data, port, Map.of());
  }

  /**
   * As {@link #start(Path, int)}.
   *
   * @param more of a broker's properties, stronger than those that it has here
   */
  public static EmbeddedBroker start(Path data, int port, Map<String, String> more)
      throws IOException {
    var listener = port == 0 ? FreePort.find() : port;
    Files.createDirectories(data);
    var properties = properties(data.resolve("log"), listener, FreePort.find());
    properties.putAll(more);
    format(data, properties);
    var server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    try {
      server.startup();
    } catch (RuntimeException | Error e) {
      server.shutdown();
      throw e;
    }
    return new EmbeddedBroker(server, "localhost:" + listener);
  }

  /** Where clients connect. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Stops the broker and waits until its log is closed. Idempotent. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static Properties properties(Path log, int port, int controllerPort) {
    var properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put(
        "listeners",
        "PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d".formatted(port, controllerPort));
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("controller.quorum.voters", "1@localhost:" + controllerPort);
    properties.put("log.dirs", log.toString());

    // One node can hold one replica of everything.
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    // Each partition of an internal topic costs files and start-up time; 50 serve no one here.
    properties.put("offsets.topic.num.partitions", "4");
    properties.put("transaction.state.log.num.partitions", "4");
    properties.put("share.coordinator.state.topic.num.partitions", "1");

    // A lone consumer need not wait three seconds for others to join its group.
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("auto.create.topics.enable", "false");

    // The cleaner's default buffer is 128 MiB, allocated eagerly; an index's is 10 MiB.
    properties.put("log.cleaner.dedupe.buffer.size", "2097152");
    properties.put("log.index.size.max.bytes", "1048576");
    properties.put("background.threads", "2");
    // A transaction that begins while the markers of the last one are still being written waits on
    // the broker; by default 20 ms, which is all that is left of a token's latency at the 99th
    // percentile.
    properties.put("add.partitions.to.txn.retry.backoff.ms", "1");
    properties.put("add.partitions.to.txn.retry.backoff.max.ms", "5");
    properties.put("num.network.threads", "1");
    properties.put("num.io.threads", "2");
    return properties;
  }

  private static void format(Path data, Properties properties) throws IOException {
    var file = data.resolve("broker.properties");
    try (var writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
    var output = new ByteArrayOutputStream();
    int status =
        StorageTool.execute(
            new String[] {
              "format",
              "--cluster-id",
              CLUSTER_ID,
              "--config",
              file.toString(),
              "--ignore-formatted"
            },
            new PrintStream(output, true, StandardCharsets.UTF_8));
    if (status != 0) {
      throw new IOException(
          "could not format " + data + ": " + output.toString(StandardCharsets.UTF_8));
    }
  }
}
