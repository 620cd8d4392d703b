package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class MermaidDiagramTest {

  @Test
  void draws_topics_processors_and_stores() {
    var topology = new Topology();
    topology
        .addSource("in", "my.prompts")
        .addProcessor("work", Nothing::new, "in")
        .addProcessor("rest", Nothing::new, "work")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("held"), Serdes.String(), Serdes.String()),
            "work")
        .addSink("out", "my.tokens", "rest");

    assertThat(MermaidDiagram.of(topology.describe()))
        .isEqualTo(
            """
            flowchart LR
              node_rest[rest] --> topic_my_tokens([my.tokens])
              node_work[work] --> node_rest[rest]
              node_work[work] <--> store_held[(held)]
              topic_my_prompts([my.prompts]) --> node_work[work]\
            """);
  }

  private static final class Nothing extends ContextualProcessor<Object, Object, Object, Object> {
    @Override
    public void process(Record<Object, Object> record) {}
  }
}
