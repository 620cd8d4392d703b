package io.millrace.cli;

import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.Node;
import org.apache.kafka.streams.TopologyDescription.Processor;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;

/** A topology as a Mermaid flowchart: topics as rounded boxes, stores as cylinders. */
final class MermaidDiagram {

  private MermaidDiagram() {}

  static String of(TopologyDescription description) {
    Set<String> lines = new TreeSet<>();
    for (var subtopology : description.subtopologies()) {
      subtopology.nodes().forEach(node -> addNode(lines, node));
    }
    var diagram = new StringJoiner("\n");
    diagram.add("flowchart LR");
    lines.forEach(line -> diagram.add("  " + line));
    return diagram.toString();
  }

  private static void addNode(Set<String> lines, Node node) {
    switch (node) {
      case Source source -> {
        for (var topic : source.topicSet()) {
          for (var next : source.successors()) {
            lines.add("%s --> %s".formatted(topic(topic), processor(next.name())));
          }
        }
      }
      case Processor processor -> {
        for (var store : processor.stores()) {
          lines.add("%s <--> %s".formatted(processor(node.name()), store(store)));
        }
        for (var next : processor.successors()) {
          if (next instanceof Processor) {
            lines.add("%s --> %s".formatted(processor(node.name()), processor(next.name())));
          }
        }
      }
      case Sink sink -> {
        for (var before : sink.predecessors()) {
          lines.add("%s --> %s".formatted(processor(before.name()), topic(sink.topic())));
        }
      }
      default -> throw new IllegalStateException("unknown kind of node: " + node);
    }
  }

  private static String topic(String name) {
    return "topic_%s([%s])".formatted(id(name), name);
  }

  private static String processor(String name) {
    return "node_%s[%s]".formatted(id(name), name);
  }

  private static String store(String name) {
    return "store_%s[(%s)]".formatted(id(name), name);
  }

  private static String id(String name) {
    return name.codePoints()
        .mapToObj(c -> Character.isLetterOrDigit(c) ? Character.toString(c) : "_")
        .collect(Collectors.joining());
  }
}
