package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.ErrorEvent;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.handler.DeadLetters;
import io.millrace.topology.metrics.PromptMeters;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.Test;

class AssemblyTest {

  @Test
  void oneTaskReadsPromptsAndCommandsAndWritesAllEvents() {
    var subtopologies = MillraceTopology.describe(configuration("")).subtopologies();
    assertThat(subtopologies).hasSize(1);
    assertThat(subtopologies.iterator().next().nodes())
        .extracting(TopologyDescription.Node::name)
        .containsExactlyInAnyOrder(
            "prompts",
            "control",
            "decode",
            "decode-control",
            "inference",
            "tokens",
            "completions",
            "usage",
            "errors");
  }

  @Test
  void thereMayBeNoControlTopic() {
    var described = MillraceTopology.describe(configuration("topics.control: ''")).toString();
    assertThat(described).doesNotContain("control").contains("millrace.prompts");
  }

  @Test
  void exactlyOnceAndNoLingerUnlessToldOtherwise() {
    var properties = properties("");
    assertThat(properties)
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("commit.interval.ms", 100)
        .containsEntry("producer.linger.ms", 0)
        .containsEntry("group.protocol", "classic")
        .containsEntry("application.id", "millrace");
    // Kafka Streams finds nothing to object to.
    assertThat(new StreamsConfig(properties).getString("processing.guarantee"))
        .isEqualTo("exactly_once_v2");
  }

  @Test
  void commandsDoNotWaitForAPromptsPartitionThatIsPaused() {
    var properties = properties("");
    assertThat(new StreamsConfig(properties).getLong("max.task.idle.ms"))
        .isEqualTo(StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
  }

  @Test
  void theKafkaSectionGoesOverTheDefaults() {
    assertThat(
            properties(
                """
                topics.replication: 3
                kafka:
                  processing.guarantee: at_least_once
                  num.stream.threads: 4
                  producer.linger.ms: 5
                """))
        .containsEntry("processing.guarantee", "at_least_once")
        .containsEntry("num.stream.threads", "4")
        .containsEntry("producer.linger.ms", "5")
        .containsEntry("replication.factor", 3);
  }

  private static MillraceConfiguration configuration(String settings) {
    return MillraceConfiguration.parse("model.directory: none\n" + settings, Map.of());
  }

  private static Properties properties(String settings) {
    Serializer<ErrorEvent> serializer = (topic, event) -> new byte[0];
    var meters = new PromptMeters(new SimpleMeterRegistry(), "assembled", 0);
    return StreamsProperties.of(
        configuration(settings), new DeadLetters("errors", serializer, meters));
  }
}
