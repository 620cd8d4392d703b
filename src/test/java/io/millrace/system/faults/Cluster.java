package io.millrace.system.faults;

import io.millrace.system.Eventually;
import io.millrace.system.MillraceJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * Three brokers, each in a JVM of its own, that keep every partition three times and write it
 * twice. Each processor reaches them by links of its own, the test directly.
 */
final class Cluster implements AutoCloseable {

  static final int BROKERS = 3;

  private static final Duration WHOLE_WITHIN = Duration.ofMinutes(2);

  private final Path directory;
  private final List<Node> nodes = new ArrayList<>();

  /** Of each processor, to each broker. */
  private final List<List<Link>> links = new ArrayList<>();

  private int starts;

  /** A broker's ports, which stay, and its process. */
  private static final class Node {
    final int id;
    final int port;
    final int controllerPort;
    final int[] processorPorts;
    private @Nullable MillraceJvm process;

    Node(int id, Ports ports, int processors) throws IOException {
      this.id = id;
      port = ports.next();
      controllerPort = ports.next();
      processorPorts = new int[processors];
      for (int i = 0; i < processors; i++) {
        processorPorts[i] = ports.next();
      }
    }

    MillraceJvm process() {
      return Objects.requireNonNull(process);
    }
  }

  /**
   * Free ports below those that the system gives to outgoing connections, one of which could else
   * have it while its broker is down.
   */
  private static final class Ports {
    private static final int LOWEST = 12_000;
    private static final int RANGE = 18_000;

    private int port = LOWEST + new Random().nextInt(RANGE);

    int next() throws IOException {
      for (int i = 0; i < RANGE; i++) {
        port = port + 1 < LOWEST + RANGE ? port + 1 : LOWEST;
        try (var free = new ServerSocket(port, 0, InetAddress.getLoopbackAddress())) {
          return free.getLocalPort();
        } catch (IOException taken) {
          // The next one.
        }
      }
      throw new IOException("no port is free");
    }
  }

  private Cluster(Path directory) {
    this.directory = directory;
  }

  /** Starts one, to be reached by so many processors. */
  static Cluster start(Path directory, int processors) throws IOException, InterruptedException {
    var cluster = new Cluster(directory);
    try {
      var ports = new Ports();
      for (int id = 1; id <= BROKERS; id++) {
        cluster.nodes.add(new Node(id, ports, processors));
      }
      for (int i = 0; i < processors; i++) {
        List<Link> toBrokers = new ArrayList<>();
        for (var node : cluster.nodes) {
          toBrokers.add(new Link(node.processorPorts[i]));
        }
        cluster.links.add(toBrokers);
      }
      // No one of them is ready before most are there.
      for (var node : cluster.nodes) {
        cluster.begin(node);
      }
      for (var node : cluster.nodes) {
        awaitReady(node);
      }
    } catch (IOException | InterruptedException | RuntimeException | Error failure) {
      cluster.close();
      throw failure;
    }
    return cluster;
  }

  private void begin(Node node) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "broker",
                "--port",
                Integer.toString(node.port),
                "--data",
                directory.resolve("broker-" + node.id).toString()));
    properties(node).forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
    node.process =
        MillraceJvm.start(
            directory,
            "broker-%d-%d".formatted(node.id, starts++),
            arguments.toArray(String[]::new));
  }

  private Map<String, String> properties(Node node) {
    int processors = node.processorPorts.length;
    var names = IntStream.range(0, processors).mapToObj(i -> "PROCESSOR" + i).toList();
    var own = "INSIDE://localhost:" + node.port;
    return Map.ofEntries(
        Map.entry("node.id", Integer.toString(node.id)),
        Map.entry(
            "listeners",
            "%s,CONTROLLER://localhost:%d,%s"
                .formatted(
                    own, node.controllerPort, listeners(names, i -> node.processorPorts[i]))),
        Map.entry(
            "advertised.listeners",
            own + "," + listeners(names, i -> links.get(i).get(node.id - 1).port())),
        Map.entry(
            "listener.security.protocol.map",
            "INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT,"
                + names.stream().map(name -> name + ":PLAINTEXT").collect(Collectors.joining(","))),
        Map.entry("inter.broker.listener.name", "INSIDE"),
        Map.entry(
            "controller.quorum.voters",
            nodes.stream()
                .map(voter -> "%d@localhost:%d".formatted(voter.id, voter.controllerPort))
                .collect(Collectors.joining(","))),
        Map.entry("default.replication.factor", "3"),
        Map.entry("min.insync.replicas", "2"),
        Map.entry("offsets.topic.replication.factor", "3"),
        Map.entry("transaction.state.log.replication.factor", "3"),
        Map.entry("transaction.state.log.min.isr", "2"),
        // Kafka's own, which the embedded broker sets lower.
        Map.entry("add.partitions.to.txn.retry.backoff.ms", "20"),
        Map.entry("add.partitions.to.txn.retry.backoff.max.ms", "100"),
        // A killed one is missed this late.
        Map.entry("broker.session.timeout.ms", "4000"),
        Map.entry("broker.heartbeat.interval.ms", "1000"));
  }

  private interface PortOf {
    int processor(int number);
  }

  private static String listeners(List<String> names, PortOf port) {
    return IntStream.range(0, names.size())
        .mapToObj(i -> "%s://localhost:%d".formatted(names.get(i), port.processor(i)))
        .collect(Collectors.joining(","));
  }

  private static void awaitReady(Node node) throws InterruptedException {
    node.process().awaitStart(() -> node.process().output().contains("ready"));
  }

  /** For those that are never cut off. */
  String bootstrapServers() {
    return nodes.stream().map(node -> "localhost:" + node.port).collect(Collectors.joining(","));
  }

  /** For a processor. */
  String bootstrapServers(int processor) {
    return links.get(processor).stream()
        .map(link -> "localhost:" + link.port())
        .collect(Collectors.joining(","));
  }

  /** The links of a processor, to each broker. */
  List<Link> links(int processor) {
    return links.get(processor);
  }

  /** Kills a broker, and starts it again some time later. */
  void kill(int broker, Duration away) throws IOException, InterruptedException {
    var node = nodes.get(broker);
    node.process().kill();
    Thread.sleep(away);
    begin(node);
    awaitReady(node);
  }

  /** Stops a broker, which hands over what it leads, and starts it again. */
  void restart(int broker) throws IOException, InterruptedException {
    var node = nodes.get(broker);
    node.process().terminate();
    begin(node);
    awaitReady(node);
  }

  /** Has a broker stand still for a while. */
  void pause(int broker, Duration time) throws IOException, InterruptedException {
    var process = nodes.get(broker).process();
    process.pause();
    Thread.sleep(time);
    process.goOn();
  }

  /**
   * Waits until all brokers have all that is written: the next to fall away can be done without.
   */
  void awaitWhole() throws InterruptedException {
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      Eventually.await(WHOLE_WITHIN, () -> isWhole(admin), () -> "all replicas in sync");
    }
  }

  private static boolean isWhole(Admin admin) {
    try {
      var names = admin.listTopics().names().get(10, TimeUnit.SECONDS);
      return admin.describeTopics(names).allTopicNames().get(10, TimeUnit.SECONDS).values().stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.isr().size() == partition.replicas().size());
    } catch (ExecutionException | TimeoutException notNow) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    for (var node : nodes) {
      if (node.process != null) {
        node.process.close();
      }
    }
    links.forEach(toBrokers -> toBrokers.forEach(Link::close));
  }
}
