package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.Completion;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.processor.CompletionSize;
import io.millrace.topology.processor.DecodeProcessor;
import io.millrace.topology.processor.InferenceProcessor;
import io.millrace.topology.processor.Intake;
import io.millrace.topology.prompt.PromptValidator;
import io.millrace.topology.state.HeldRecord;
import io.millrace.topology.state.InFlight;
import io.millrace.topology.state.Progress;
import io.millrace.topology.store.SingleObjectSerde;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/** Kafka Streams closes and revives a task that failed, with its processors and its schedule. */
class TaskRevivalTest {

  private final SteppedEngine engine = new SteppedEngine();
  private final PlainFormat format = new PlainFormat();
  private final PartitionLoads loads = new PartitionLoads();
  private final MillraceConfiguration configuration =
      MillraceConfiguration.parse("model.directory: none", Map.of());
  private final PromptValidator validator =
      new PromptValidator(engine, configuration.limits(), configuration.defaults());

  @Test
  void theRevivedInferenceProcessorHasOnePunctuator() {
    var context = new MockProcessorContext<byte[], SpecificRecord>();
    context.setCurrentSystemTimeMs(0);
    addStore(
        context,
        InferenceProcessor.INFLIGHT_STORE,
        Serdes.String(),
        new SingleObjectSerde<>(InFlight.getEncoder(), InFlight.getDecoder()));
    addStore(
        context,
        InferenceProcessor.PROGRESS_STORE,
        Serdes.String(),
        new SingleObjectSerde<>(Progress.getEncoder(), Progress.getDecoder()));
    var completionSize =
        new CompletionSize(format.events(Completion.class), "completions", 1 << 20);
    var meters = new PromptMeters(new SimpleMeterRegistry(), "revived", 0);
    var processor =
        new InferenceProcessor(
            engine, configuration, validator, completionSize, loads, meters, () -> 0);
    processor.init(context);
    processor.process(new Record<>(null, accepted(), 0));
    assertThat(armed(context)).isOne();

    processor.close();
    processor.init(context);

    assertThat(armed(context)).isOne();
  }

  @Test
  void theRevivedDecodeProcessorTriesAgainInOneSchedule() {
    var context = decodeContext();
    var processor = decodeProcessor();
    processor.init(context);
    format.unavailable = true;
    decode(processor, context);
    assertThat(armed(context)).isOne();

    processor.close();
    processor.init(context);

    assertThat(armed(context)).isOne();
  }

  private DecodeProcessor decodeProcessor() {
    return new DecodeProcessor(
        format.prompts(), validator, configuration.limits(), loads, Rig.PROMPTS.topic(), true);
  }

  private static MockProcessorContext<byte[], Intake> decodeContext() {
    var context = new MockProcessorContext<byte[], Intake>();
    addStore(
        context,
        DecodeProcessor.HELD_STORE,
        Serdes.Long(),
        new SingleObjectSerde<>(HeldRecord.getEncoder(), HeldRecord.getDecoder()));
    return context;
  }

  /** What the decode processor makes of a prompt. */
  private Intake accepted() {
    var context = decodeContext();
    var processor = decodeProcessor();
    processor.init(context);
    decode(processor, context);
    return context.forwarded().getFirst().record().value();
  }

  private static void decode(
      DecodeProcessor processor, MockProcessorContext<byte[], Intake> context) {
    context.setRecordMetadata(Rig.PROMPTS.topic(), 0, 0);
    byte[] value = PlainFormat.write(Rig.chat("a", "hello").build());
    processor.process(new Record<>("a".getBytes(StandardCharsets.UTF_8), value, 0));
  }

  private static <K, V> void addStore(
      MockProcessorContext<?, ?> context, String name, Serde<K> keys, Serde<V> values) {
    StoreBuilder<? extends StateStore> builder =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, values)
            .withLoggingDisabled();
    var store = builder.build();
    store.init(context.getStateStoreContext(), store);
  }

  private static long armed(MockProcessorContext<?, ?> context) {
    return context.scheduledPunctuators().stream()
        .filter(punctuator -> !punctuator.cancelled())
        .count();
  }
}
