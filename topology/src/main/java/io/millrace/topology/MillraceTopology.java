package io.millrace.topology;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.EventFormat;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.CompletionSize;
import io.millrace.topology.processor.ControlProcessor;
import io.millrace.topology.processor.DecodeProcessor;
import io.millrace.topology.processor.InferenceProcessor;
import io.millrace.topology.processor.NodeNames;
import io.millrace.topology.processor.RequestIdPartitioner;
import io.millrace.topology.prompt.PromptValidator;
import io.millrace.topology.state.HeldRecord;
import io.millrace.topology.state.InFlight;
import io.millrace.topology.state.Progress;
import io.millrace.topology.store.SingleObjectSerde;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The way of a prompt through Kafka Streams.
 *
 * <pre>
 * prompts ──▶ decode ─────────┐                  ┌──▶ tokens
 *                             ├──▶ inference ────┼──▶ completions
 * control ──▶ decode-control ─┘   (in flight)    ├──▶ usage
 *                                                └──▶ errors
 * </pre>
 */
public final class MillraceTopology {

  private final MillraceConfiguration configuration;
  private final InferenceEngine engine;
  private final EventFormat format;
  private final PartitionLoads loads;
  private final PromptMeters meters;
  private final LongSupplier nanoClock;
  private final Function<String, KeyValueBytesStoreSupplier> stores;

  private MillraceTopology(
      MillraceConfiguration configuration,
      InferenceEngine engine,
      EventFormat format,
      PartitionLoads loads,
      PromptMeters meters,
      LongSupplier nanoClock,
      Function<String, KeyValueBytesStoreSupplier> stores) {
    this.configuration = configuration;
    this.engine = engine;
    this.format = format;
    this.loads = loads;
    this.meters = meters;
    this.nanoClock = nanoClock;
    this.stores = stores;
  }

  /**
   * Builds the topology.
   *
   * @param engine shared by all tasks; stays the caller's
   * @param format shared by all tasks; stays the caller's
   * @param loads what the processors write and the consumers read
   */
  public static Topology build(
      MillraceConfiguration configuration,
      InferenceEngine engine,
      EventFormat format,
      PartitionLoads loads,
      PromptMeters meters) {
    return build(
        configuration,
        engine,
        format,
        loads,
        meters,
        System::nanoTime,
        Stores::persistentKeyValueStore);
  }

  /** Nodes, topics and stores, without an engine or a broker. */
  public static TopologyDescription describe(MillraceConfiguration configuration) {
    var outline = new Outline();
    var meters = new PromptMeters(new CompositeMeterRegistry(), "", 0);
    return build(configuration, outline, outline, new PartitionLoads(), meters).describe();
  }

  /** With a clock and stores of one's own, for tests. */
  static Topology build(
      MillraceConfiguration configuration,
      InferenceEngine engine,
      EventFormat format,
      PartitionLoads loads,
      PromptMeters meters,
      LongSupplier nanoClock,
      Function<String, KeyValueBytesStoreSupplier> stores) {
    return new MillraceTopology(configuration, engine, format, loads, meters, nanoClock, stores)
        .assemble();
  }

  private Topology assemble() {
    GeneratedClasses.trust();
    var topics = configuration.topics();
    var validator = new PromptValidator(engine, configuration.limits(), configuration.defaults());
    var completionSize =
        new CompletionSize(
            format.events(Completion.class),
            topics.completionsTopic(),
            configuration.maxRecordBytes());
    var bytes = new ByteArrayDeserializer();
    var topology = new Topology();
    topology
        .addSource(NodeNames.PROMPTS, bytes, bytes, topics.promptsTopic())
        .addProcessor(
            NodeNames.DECODE,
            () ->
                new DecodeProcessor(
                    format.prompts(),
                    validator,
                    configuration.limits(),
                    loads,
                    topics.promptsTopic(),
                    configuration.isExactlyOnce()),
            NodeNames.PROMPTS);
    if (topics.hasControl()) {
      topology
          .addSource(NodeNames.CONTROL, bytes, bytes, topics.controlTopic())
          .addProcessor(
              NodeNames.DECODE_CONTROL,
              () -> new ControlProcessor(format.controls()),
              NodeNames.CONTROL);
    }
    topology
        .addProcessor(
            NodeNames.INFERENCE,
            () ->
                new InferenceProcessor(
                    engine, configuration, validator, completionSize, loads, meters, nanoClock),
            topics.hasControl()
                ? new String[] {NodeNames.DECODE, NodeNames.DECODE_CONTROL}
                : new String[] {NodeNames.DECODE})
        .addStateStore(
            store(
                DecodeProcessor.HELD_STORE,
                Serdes.Long(),
                HeldRecord.getEncoder(),
                HeldRecord.getDecoder()),
            NodeNames.DECODE)
        .addStateStore(
            store(
                InferenceProcessor.INFLIGHT_STORE,
                Serdes.String(),
                InFlight.getEncoder(),
                InFlight.getDecoder()),
            NodeNames.INFERENCE)
        .addStateStore(
            store(
                InferenceProcessor.PROGRESS_STORE,
                Serdes.String(),
                Progress.getEncoder(),
                Progress.getDecoder()),
            NodeNames.INFERENCE);
    addSink(topology, NodeNames.TOKENS, topics.tokensTopic(), Token.class);
    addSink(topology, NodeNames.COMPLETIONS, topics.completionsTopic(), Completion.class);
    addSink(topology, NodeNames.USAGE, topics.usageTopic(), Usage.class);
    addSink(topology, NodeNames.ERRORS, topics.errorsTopic(), ErrorEvent.class);
    return topology;
  }

  private <T extends SpecificRecord> void addSink(
      Topology topology, String name, String topic, Class<T> event) {
    topology.addSink(
        name,
        topic,
        new ByteArraySerializer(),
        format.events(event),
        new RequestIdPartitioner(),
        NodeNames.INFERENCE);
  }

  private <K, V> StoreBuilder<KeyValueStore<K, V>> store(
      String name,
      Serde<K> keys,
      BinaryMessageEncoder<V> encoder,
      BinaryMessageDecoder<V> decoder) {
    return Stores.keyValueStoreBuilder(
            stores.apply(name), keys, new SingleObjectSerde<>(encoder, decoder))
        .withLoggingEnabled(changelog())
        // A cache would only delay what has to be durable with the next commit anyway.
        .withCachingDisabled();
  }

  /**
   * Takes whatever the producer takes: a record that it refused would end the task for good. One of
   * those is a record with a timestamp more than an hour ahead of the broker's clock, as from a
   * machine whose clock is wrong; nothing here needs the timestamp.
   */
  private Map<String, String> changelog() {
    return Map.of(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        Long.toString(configuration.maxRecordBytes()),
        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
        TimestampType.LOG_APPEND_TIME.name);
  }
}
