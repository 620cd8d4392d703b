package io.millrace.topology;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.Command;
import io.millrace.events.Completion;
import io.millrace.events.Control;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.handler.DeadLetters;
import io.millrace.topology.handler.ProductionFailures;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.DecodeProcessor;
import io.millrace.topology.processor.InferenceProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/**
 * The topology with everything around it under the test's control: broker, engine and time. After
 * {@link #restart()} a new task takes over what the old one left.
 */
final class Rig implements AutoCloseable {

  static final TopicPartition PROMPTS = new TopicPartition("millrace.prompts", 0);
  static final Instant START = Instant.parse("2026-11-22T08:00:00Z");

  final SteppedEngine engine = new SteppedEngine();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final PromptMeters promptMeters = new PromptMeters(meters, "test", 2);
  final PlainFormat format = new PlainFormat();
  final PartitionLoads loads = new PartitionLoads();
  private final Map<String, SurvivingStore> stores = new HashMap<>();
  final SurvivingStore inflight = store(InferenceProcessor.INFLIGHT_STORE);
  final SurvivingStore held = store(DecodeProcessor.HELD_STORE);
  final SurvivingStore progress = store(InferenceProcessor.PROGRESS_STORE);

  static {
    GeneratedClasses.trust();
  }

  private final MillraceConfiguration configuration;
  private long elapsedMillis;
  private TopologyTestDriver driver;

  Rig(String... settings) {
    var yaml = "model.directory: none\n" + String.join("\n", settings);
    configuration = MillraceConfiguration.parse(yaml, Map.of());
    driver = open();
  }

  private SurvivingStore store(String name) {
    return stores.computeIfAbsent(name, SurvivingStore::new);
  }

  private TopologyTestDriver open() {
    var topology =
        MillraceTopology.build(
            configuration,
            engine,
            format,
            loads,
            promptMeters,
            () -> elapsedMillis * 1_000_000,
            this::store);
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, "target/state/" + UUID.randomUUID());
    properties.put(
        StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, ProductionFailures.class);
    properties.put(
        DeadLetters.PROPERTY,
        new DeadLetters("millrace.errors", format.events(ErrorEvent.class), promptMeters));
    properties.put(StreamsConfig.METRICS_RECORDING_LEVEL_CONFIG, "DEBUG");
    return new TopologyTestDriver(topology, properties, START.plusMillis(elapsedMillis));
  }

  /** How often a punctuator has asked for a commit. */
  int punctuations() {
    return driver.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("punctuate-total"))
        .mapToInt(metric -> ((Number) metric.getValue().metricValue()).intValue())
        .sum();
  }

  /** Ends the task and starts another one with the same state. */
  void restart() {
    driver.close();
    driver = open();
  }

  /** Lets time pass; the punctuator runs if it is armed. */
  void pass(Duration time) {
    elapsedMillis += time.toMillis();
    driver.advanceWallClockTime(time);
  }

  /** One turn of the punctuator. */
  void tick() {
    pass(Duration.ofMillis(1));
  }

  /** Enough time for the micro-batcher to hand on what it collects. */
  void flush() {
    pass(Duration.ofMillis(2));
  }

  Instant now() {
    return START.plusMillis(elapsedMillis);
  }

  static Prompt.Builder chat(String requestId, String content) {
    return Prompt.newBuilder()
        .setRequestId(requestId)
        .setMessages(List.of(new Message("user", content, null)));
  }

  void send(Prompt.Builder prompt) {
    var built = prompt.build();
    send(built.getRequestId(), built);
  }

  void send(String key, Prompt prompt) {
    send(key.getBytes(StandardCharsets.UTF_8), PlainFormat.write(prompt), new RecordHeaders());
  }

  void send(byte @Nullable [] key, byte @Nullable [] value, RecordHeaders headers) {
    input("millrace.prompts").pipeInput(new TestRecord<>(key, value, headers, now()));
  }

  void cancel(String requestId) {
    sendControl(PlainFormat.write(new Control(requestId, Command.CANCEL, null)));
  }

  void sendControl(byte[] value) {
    input("millrace.control").pipeInput(new TestRecord<>(null, value, new RecordHeaders(), now()));
  }

  List<Token> tokens() {
    return output("millrace.tokens", PlainFormat.tokens()).readValuesToList();
  }

  List<Completion> completions() {
    return output("millrace.completions", PlainFormat.completions()).readValuesToList();
  }

  List<Usage> usages() {
    return output("millrace.usage", PlainFormat.usages()).readValuesToList();
  }

  List<ErrorEvent> errors() {
    return output("millrace.errors", PlainFormat.errors()).readValuesToList();
  }

  List<TestRecord<byte[], byte[]>> records(String topic) {
    return output(topic, new ByteArrayDeserializer()).readRecordsToList();
  }

  private TestInputTopic<byte[], byte[]> input(String topic) {
    return driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private <V> TestOutputTopic<byte[], V> output(String topic, Deserializer<V> values) {
    return driver.createOutputTopic(topic, new ByteArrayDeserializer(), values);
  }

  @Override
  public void close() {
    driver.close();
  }
}
