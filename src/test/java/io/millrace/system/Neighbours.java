package io.millrace.system;

import io.millrace.local.FreePort;
import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a processor needs: a broker in a JVM of its own, a registry, and a model with random
 * weights, all in the directory of one test.
 */
final class Neighbours implements AutoCloseable {

  private final Path directory;
  private final int port;
  private final LocalSchemaRegistry registry;
  private final Path model;
  private MillraceJvm broker;
  private int brokerStarts;

  private Neighbours(Path directory, int port, LocalSchemaRegistry registry, Path model)
      throws IOException {
    this.directory = directory;
    this.port = port;
    this.registry = registry;
    this.model = model;
    this.broker = brokerProcess();
  }

  static Neighbours start(Path directory) throws IOException, InterruptedException {
    var neighbours =
        new Neighbours(
            directory, FreePort.find(), LocalSchemaRegistry.start(0), TinyModel.in(directory));
    neighbours.awaitBroker();
    return neighbours;
  }

  private MillraceJvm brokerProcess() throws IOException {
    brokerStarts++;
    return MillraceJvm.start(
        directory,
        "broker-" + brokerStarts,
        "broker",
        "--port",
        Integer.toString(port),
        "--data",
        directory.resolve("broker").toString());
  }

  private void awaitBroker() throws InterruptedException {
    broker.awaitStart(() -> broker.output().contains("ready"));
  }

  /** Stops the broker and starts it again on the same log and port. */
  void restartBroker() throws IOException, InterruptedException {
    broker.terminate();
    broker = brokerProcess();
    awaitBroker();
  }

  /**
   * A processor's configuration.
   *
   * @param state what the processor keeps between starts
   * @param more sections that are added or replaced, by name; to that of Kafka they are added
   */
  MillraceConfiguration configuration(Path state, Map<String, ?> more) {
    return MillraceConfiguration.parse(yaml(state, more), Map.of());
  }

  /**
   * Starts a processor in a JVM of its own and returns when it takes prompts.
   *
   * @param options of the JVM
   */
  MillraceJvm startProcessor(String name, Path state, Map<String, ?> more, String... options)
      throws IOException, InterruptedException {
    var processor = beginProcessor(name, state, more, options);
    processor.awaitStart(() -> processor.errors().contains("Ready"));
    return processor;
  }

  /** As {@link #startProcessor}, but returns at once. */
  MillraceJvm beginProcessor(String name, Path state, Map<String, ?> more, String... options)
      throws IOException {
    var file = directory.resolve(name + ".yaml");
    Files.writeString(file, yaml(state, more));
    return MillraceJvm.start(directory, name, List.of(options), "run", "--config", file.toString());
  }

  private String yaml(Path state, Map<String, ?> more) {
    return ProcessorYaml.of(
        "localhost:" + port, registry.url(), model, "exactly_once_v2", state, more);
  }

  @Override
  public void close() {
    broker.close();
    registry.close();
  }
}
