package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.topology.config.MillraceConfiguration;
import java.util.Map;
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

  private static MillraceConfiguration configuration(String settings) {
    return MillraceConfiguration.parse("model.directory: none\n" + settings, Map.of());
  }
}
