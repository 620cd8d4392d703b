package io.millrace.topology.clients;

import io.millrace.topology.load.PartitionLoads;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/** Kafka Streams' own clients, but for the consumer and the producer of its threads. */
public final class MillraceClients extends DefaultKafkaClientSupplier {

  private static final String CONSUMER = "-consumer";
  private static final String PRODUCER = "-producer";

  private final PartitionLoads loads;

  /** By the name of their thread, with which the ids of its clients begin. */
  private final Map<String, Consumer<byte[], byte[]>> consumers = new ConcurrentHashMap<>();

  public MillraceClients(PartitionLoads loads) {
    this.loads = loads;
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> properties) {
    var consumer = new LoadAwareConsumer(properties, loads);
    consumers.put(thread(properties, CONSUMER), consumer);
    return consumer;
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> properties) {
    var thread = thread(properties, PRODUCER);
    return new ThreadProducer(properties, new Fence(() -> consumers.get(thread)));
  }

  private static String thread(Map<String, Object> properties, String suffix) {
    var id = String.valueOf(properties.get(CommonClientConfigs.CLIENT_ID_CONFIG));
    if (!id.endsWith(suffix)) {
      throw new IllegalStateException("a client of a thread has the id " + id);
    }
    return id.substring(0, id.length() - suffix.length());
  }
}
