package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.metrics.PromptMeters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/** The other value format, all the way. */
class JsonPromptsTest {

  private static final MillraceConfiguration CONFIGURATION =
      MillraceConfiguration.parse("model.directory: none\nformat.values: json", Map.of());

  private final SteppedEngine engine = new SteppedEngine();

  @Test
  void aBodyOfTheOpenAiApiIsAnswered() {
    try (var format = new ConfiguredFormat(CONFIGURATION);
        var driver = driver(format)) {
      send(driver, "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"max_tokens\":7}");
      driver.advanceWallClockTime(Duration.ofMillis(5));
      assertThat(engine.channel().request("millrace.prompts-0-0").maxCompletionTokens())
          .isEqualTo(7);
      engine.channel().token("millrace.prompts-0-0", "Good day");
      engine.channel().complete("millrace.prompts-0-0");
      driver.advanceWallClockTime(Duration.ofMillis(5));
      assertThat(received(driver, "millrace.completions"))
          .singleElement()
          .asString()
          .contains("\"text\":\"Good day\"", "\"status\":\"completed\"");
    }
  }

  @Test
  void aFieldThatIsNotOfferedIsRejectedUnderItsRequestId() {
    try (var format = new ConfiguredFormat(CONFIGURATION);
        var driver = driver(format)) {
      send(
          driver,
          "{\"request_id\":\"r1\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
      assertThat(received(driver, "millrace.errors"))
          .singleElement()
          .asString()
          .contains("unsupported_parameter");
      assertThat(received(driver, "millrace.completions"))
          .singleElement()
          .asString()
          .contains("\"request_id\":\"r1\"", "\"status\":\"rejected\"");
    }
  }

  private TopologyTestDriver driver(ConfiguredFormat format) {
    var topology =
        MillraceTopology.build(
            CONFIGURATION,
            engine,
            format,
            new PartitionLoads(),
            new PromptMeters(new SimpleMeterRegistry(), "json", 0),
            new SteppingClock()::nanos,
            Stores::inMemoryKeyValueStore);
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "json");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, "target/state/json");
    return new TopologyTestDriver(topology, properties);
  }

  /** Every look at it is a millisecond later, so that no micro-batch waits. */
  private static final class SteppingClock {
    private long nanos;

    long nanos() {
      nanos += 1_000_000;
      return nanos;
    }
  }

  private static void send(TopologyTestDriver driver, String json) {
    driver
        .createInputTopic("millrace.prompts", new StringSerializer(), new StringSerializer())
        .pipeInput("key", json);
  }

  private static List<String> received(TopologyTestDriver driver, String topic) {
    return driver
        .createOutputTopic(topic, new StringDeserializer(), new StringDeserializer())
        .readValuesToList();
  }
}
