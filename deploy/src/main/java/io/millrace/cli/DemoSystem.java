package io.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.local.EmbeddedBroker;
import io.millrace.local.TemporaryDirectory;
import io.millrace.local.registry.LocalSchemaRegistry;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.topology.MillraceApplication;
import io.millrace.topology.Preparation;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A whole Millrace in this JVM: broker, registry, and a processor with its model, which is loaded
 * while the broker starts; what they keep is in a temporary directory and gone afterwards.
 */
final class DemoSystem implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofSeconds(60);
  private static final int PARTITIONS = 3;
  private static final int SLOTS = 16;

  /** What a small hosted model costs: 0.10 and 0.40 US dollars for a million tokens. */
  private static final Map<String, Integer> PRICES =
      Map.of("prompt-micros-per-million", 100_000, "completion-micros-per-million", 400_000);

  /** The addresses and the model, as a configuration that other commands can read. */
  private final String yaml;

  private final MillraceConfiguration configuration;
  private final ModelInfo model;

  /** What has been started, the latest first. */
  private final Deque<AutoCloseable> parts;

  private DemoSystem(
      String yaml,
      MillraceConfiguration configuration,
      ModelInfo model,
      Deque<AutoCloseable> parts) {
    this.yaml = yaml;
    this.configuration = configuration;
    this.model = model;
    this.parts = parts;
  }

  /**
   * Starts everything and returns when prompts are taken.
   *
   * @param modelName what the events call the model
   * @throws IOException if the broker's directory cannot be made
   */
  static DemoSystem start(Path modelDirectory, String modelName)
      throws IOException, InterruptedException {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(modelDirectory, modelName, parts);
    } catch (IOException | InterruptedException | RuntimeException | Error failure) {
      closeAll(parts, failure);
      throw failure;
    }
  }

  private static DemoSystem start(Path modelDirectory, String modelName, Deque<AutoCloseable> parts)
      throws IOException, InterruptedException {
    var model = Map.of("directory", modelDirectory.toAbsolutePath().toString(), "name", modelName);
    var loading = new FutureTask<>(() -> load(model));
    parts.push(() -> close(loading));
    Thread.ofPlatform().name("model-load").start(loading);
    var directory = TemporaryDirectory.create();
    parts.push(directory);
    var broker = startBroker(directory.path().resolve("log"));
    parts.push(broker);
    var registry = LocalSchemaRegistry.start(0);
    parts.push(registry);

    var yaml = yaml(broker.bootstrapServers(), registry.url(), model, directory.path());
    var configuration = MillraceConfiguration.parse(yaml, Map.of());
    var preparation = Preparation.begin(configuration);
    parts.push(preparation);
    var engine = loaded(loading);
    var processor = new MillraceApplication(preparation, engine, new CompositeMeterRegistry());
    parts.push(processor);
    processor.start();
    if (!processor.awaitRunning(START_WITHIN)) {
      throw new CommandException("the processor did not start; MILLRACE_LOG=info says more");
    }
    return new DemoSystem(yaml, configuration, engine.model(), parts);
  }

  private static EmbeddedBroker startBroker(Path log) {
    try {
      return EmbeddedBroker.start(log, 0);
    } catch (IOException | RuntimeException failure) {
      throw new CommandException("the broker did not start: " + failure, failure);
    }
  }

  private static InferenceEngine load(Map<String, String> model) {
    var unconnected = MillraceConfiguration.parse(yaml("", "", model, Path.of("")), Map.of());
    return ConfiguredEngine.open(unconnected, new CompositeMeterRegistry());
  }

  private static InferenceEngine loaded(FutureTask<InferenceEngine> loading)
      throws InterruptedException {
    try {
      return loading.get();
    } catch (ExecutionException exception) {
      switch (exception.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(exception);
      }
    }
  }

  private static void close(FutureTask<InferenceEngine> loading) throws InterruptedException {
    try {
      loading.get().close();
    } catch (ExecutionException failed) {
      // There is nothing to close, and whoever waited for it has said why.
    }
  }

  private static String yaml(
      String bootstrapServers, String registryUrl, Map<String, String> model, Path directory) {
    Map<String, Object> kafka = new LinkedHashMap<>();
    kafka.put("bootstrap.servers", bootstrapServers);
    kafka.put("application.id", "millrace-demo");
    kafka.put("state.dir", directory.resolve("state").toString());
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("kafka", kafka);
    root.put("schema-registry", Map.of("url", registryUrl));
    root.put("topics", Map.of("create", true, "partitions", PARTITIONS, "replication", 1));
    root.put("model", model);
    root.put("engine", Map.of("slots", SLOTS));
    root.put("prices", Map.of(model.get("name"), PRICES));
    try {
      return new YAMLMapper().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a file that {@code --config} takes. */
  String yaml() {
    return yaml;
  }

  MillraceConfiguration configuration() {
    return configuration;
  }

  ModelInfo model() {
    return model;
  }

  String bootstrapServers() {
    return configuration.bootstrapServers();
  }

  String registryUrl() {
    return configuration.schemaRegistry().getOrDefault("url", "");
  }

  /** Stops the processor, then what it needs. */
  @Override
  public void close() {
    var failure = new IllegalStateException("the demo did not stop cleanly");
    closeAll(parts, failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private static void closeAll(Deque<AutoCloseable> parts, Throwable failure) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure.addSuppressed(e);
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }
}
