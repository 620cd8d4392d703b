package io.millrace.containers;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.command.WaitContainerResultCallback;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** The product's image as it is meant to be run: nothing but its state and /tmp can be written. */
final class ProcessorContainer extends GenericContainer<ProcessorContainer> {

  private static final Duration READY_WITHIN = Duration.ofMinutes(2);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);
  private static final long MEMORY = 1L << 30;

  ProcessorContainer(Network network) {
    super(Engine.IMAGE);
    withNetwork(network);
    withEnv("MILLRACE_KAFKA_BOOTSTRAP_SERVERS", "kafka-1:9092,kafka-2:9092,kafka-3:9092");
    withEnv("MILLRACE_SCHEMA_REGISTRY_URL", "http://registry:8080/apis/ccompat/v7");
    withEnv("MILLRACE_TOPICS_PARTITIONS", "4");
    withEnv("MILLRACE_ENGINE_SLOTS", "4");
    // The shortest that a broker grants: a killed processor is missed this late.
    withEnv("MILLRACE_KAFKA_CONSUMER_SESSION_TIMEOUT_MS", "6000");
    withEnv("MILLRACE_KAFKA_CONSUMER_HEARTBEAT_INTERVAL_MS", "1500");
    withCreateContainerCmdModifier(
        create ->
            requireNonNull(create.getHostConfig())
                .withReadonlyRootfs(true)
                .withTmpFs(Map.of("/tmp", "exec,mode=1777,size=256m"))
                .withMemory(MEMORY)
                .withMemorySwap(MEMORY));
    waitingFor(Wait.forLogMessage(".*Ready: taking prompts.*", 1).withStartupTimeout(READY_WITHIN));
  }

  /** What the image's own check says. */
  boolean healthcheck(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("/opt/millrace/healthcheck"));
    command.addAll(List.of(arguments));
    return execInContainer(command.toArray(String[]::new)).getExitCode() == 0;
  }

  /** SIGKILL. */
  void kill() {
    getDockerClient().killContainerCmd(getContainerId()).exec();
  }

  /** SIGTERM. Returns the exit code. */
  int terminate() {
    getDockerClient().killContainerCmd(getContainerId()).withSignal("TERM").exec();
    return getDockerClient()
        .waitContainerCmd(getContainerId())
        .exec(new WaitContainerResultCallback())
        .awaitStatusCode(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS);
  }
}
