package io.millrace.containers;

import io.millrace.local.FreePort;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * One broker and controller of a cluster of three, reachable from other containers and from here.
 */
final class BrokerContainer extends GenericContainer<BrokerContainer> {

  private static final int BROKERS = 3;
  private static final int OUTSIDE = 19092;

  private final int port;

  private BrokerContainer(Network network, int id, int port) {
    super("apache/kafka:" + System.getProperty("kafka.version"));
    this.port = port;
    var voters =
        IntStream.rangeClosed(1, BROKERS)
            .mapToObj(i -> i + "@kafka-" + i + ":9093")
            .collect(Collectors.joining(","));
    withNetwork(network);
    withNetworkAliases("kafka-" + id);
    // A fixed one: a broker tells its clients its address, and keeps it when it is started again.
    setPortBindings(List.of("127.0.0.1:" + port + ":" + OUTSIDE));
    withEnv("KAFKA_NODE_ID", Integer.toString(id));
    withEnv("KAFKA_PROCESS_ROLES", "broker,controller");
    withEnv("KAFKA_CONTROLLER_QUORUM_VOTERS", voters);
    withEnv("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER");
    withEnv("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE");
    withEnv("KAFKA_LISTENERS", "INSIDE://:9092,CONTROLLER://:9093,OUTSIDE://:" + OUTSIDE);
    withEnv(
        "KAFKA_ADVERTISED_LISTENERS",
        "INSIDE://kafka-%d:9092,OUTSIDE://localhost:%d".formatted(id, port));
    withEnv(
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
        "INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT,OUTSIDE:PLAINTEXT");
    withEnv("KAFKA_DEFAULT_REPLICATION_FACTOR", "3");
    withEnv("KAFKA_MIN_INSYNC_REPLICAS", "2");
    withEnv("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "5");
    withEnv("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "5");
    withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
    // 128 MiB otherwise.
    withEnv("KAFKA_LOG_CLEANER_DEDUPE_BUFFER_SIZE", "2097152");
    withEnv("KAFKA_HEAP_OPTS", "-Xmx256m");
    waitingFor(Wait.forListeningPorts(OUTSIDE));
  }

  static BrokerContainer create(Network network, int id) throws IOException {
    return new BrokerContainer(network, id, FreePort.find());
  }

  /** From this machine. */
  String address() {
    return "localhost:" + port;
  }

  /** SIGKILL; the container stays, with its log. */
  void kill() {
    getDockerClient().killContainerCmd(getContainerId()).exec();
  }

  /** Starts it again on the same log. */
  void goOn() {
    getDockerClient().startContainerCmd(getContainerId()).exec();
  }
}
