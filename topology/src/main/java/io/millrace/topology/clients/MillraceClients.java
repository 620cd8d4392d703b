package io.millrace.topology.clients;

import io.millrace.topology.load.PartitionLoads;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/** Kafka Streams' own clients, but for the consumer and the producer of its threads. */
public final class MillraceClients extends DefaultKafkaClientSupplier {

  private final PartitionLoads loads;

  public MillraceClients(PartitionLoads loads) {
    this.loads = loads;
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> properties) {
    return new LoadAwareConsumer(properties, loads);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> properties) {
    return new SizeCheckingProducer(properties);
  }
}
