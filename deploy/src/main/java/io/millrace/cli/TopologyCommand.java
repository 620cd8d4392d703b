package io.millrace.cli;

import io.millrace.topology.MillraceTopology;
import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.streams.TopologyDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the topology, for people or as a diagram. */
@Command(
    name = "topology",
    mixinStandardHelpOptions = true,
    description = {"Prints the Kafka Streams topology: nodes, topics and stores.", ""})
final class TopologyCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The processor's configuration, for its topics' names.")
  private Optional<Path> config;

  @Option(names = "--mermaid", description = "As a Mermaid flowchart.")
  private boolean mermaid;

  @Override
  public Integer call() {
    var configuration =
        config
            .map(file -> MillraceConfiguration.load(file, System.getenv()))
            .orElseGet(() -> MillraceConfiguration.parse("model.directory: none", Map.of()));
    TopologyDescription description = MillraceTopology.describe(configuration);
    System.out.println(mermaid ? MermaidDiagram.of(description) : description);
    return 0;
  }
}
