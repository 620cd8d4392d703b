package io.millrace.system;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.millrace.local.FreePort;
import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.runtime.export.ExportListener;
import io.millrace.runtime.export.ExportRequest;
import io.millrace.runtime.export.ModelExporter;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a processor needs: a broker in a JVM of its own, a registry, and a model with random
 * weights, all in the directory of one test.
 */
final class Neighbours implements AutoCloseable {

  private static final int PARTITIONS = 3;

  private final Path directory;
  private final int port;
  private final LocalSchemaRegistry registry;
  private final Path model;
  private final String guarantee;
  private MillraceJvm broker;
  private int brokerStarts;

  private Neighbours(
      Path directory, int port, LocalSchemaRegistry registry, Path model, String guarantee)
      throws IOException {
    this.directory = directory;
    this.port = port;
    this.registry = registry;
    this.model = model;
    this.guarantee = guarantee;
    this.broker = brokerProcess();
  }

  static Neighbours start(Path directory) throws IOException, InterruptedException {
    return start(directory, "exactly_once_v2");
  }

  /**
   * @param guarantee of the processors
   */
  static Neighbours start(Path directory, String guarantee)
      throws IOException, InterruptedException {
    var neighbours =
        new Neighbours(
            directory,
            FreePort.find(),
            LocalSchemaRegistry.start(0),
            tinyModel(directory),
            guarantee);
    neighbours.awaitBroker();
    return neighbours;
  }

  /** Makes a small model with random weights in the directory. */
  static Path tinyModel(Path directory) throws IOException {
    var model = directory.resolve("tiny");
    try (var checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      ModelExporter.export(
          checkpoint, new ExportRequest(model, Precision.INT8), ExportListener.SILENT);
    }
    return model;
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

  /** Kills the broker and starts it again on the same log and port. */
  void killBroker() throws IOException, InterruptedException {
    broker.kill();
    broker = brokerProcess();
    awaitBroker();
  }

  /** Has the broker stand still for a while. */
  void pauseBroker(Duration time) throws IOException, InterruptedException {
    broker.pause();
    Thread.sleep(time.toMillis());
    broker.goOn();
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

  @SuppressWarnings("unchecked") // sections are maps
  private String yaml(Path state, Map<String, ?> more) {
    Map<String, Object> kafka = new LinkedHashMap<>();
    kafka.put("bootstrap.servers", "localhost:" + port);
    kafka.put("application.id", "system-test");
    kafka.put("state.dir", state.toString());
    kafka.put("processing.guarantee", guarantee);
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("kafka", kafka);
    root.put("schema-registry", Map.of("url", registry.url()));
    root.put("topics", Map.of("create", true, "partitions", PARTITIONS, "replication", 1));
    root.put("model", Map.of("directory", model.toString()));
    more.forEach(
        (section, keys) -> {
          if (section.equals("kafka")) {
            kafka.putAll((Map<String, ?>) keys);
          } else {
            root.put(section, keys);
          }
        });
    try {
      return new YAMLMapper().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    broker.close();
    registry.close();
  }
}
